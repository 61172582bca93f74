// Terraform's provider for RabbitMQ, without Terraform around it: every resource is planned, made, found as planned,
// imported, changed where it can be, and destroyed. What the provider reads back has to be what it wrote, to the
// letter: else Terraform would want to change it again and again.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
	"github.com/terraform-providers/terraform-provider-rabbitmq/rabbitmq"
)

type settings = map[string]interface{}
type list = []interface{}

const vhost = "terraform/1"

// In the order in which they can be made. `changed` is nil where Terraform would make another one instead.
var resources = []struct {
	kind           string
	first, changed settings
}{
	{"rabbitmq_vhost", settings{"name": vhost}, nil},
	{"rabbitmq_user",
		settings{"name": "terraform", "password": "first", "tags": list{"management", "policymaker"}},
		settings{"name": "terraform", "password": "second", "tags": list{"monitoring"}}},
	{"rabbitmq_permissions",
		settings{"user": "terraform", "vhost": vhost,
			"permissions": list{settings{"configure": "^a", "write": ".*", "read": ""}}},
		settings{"user": "terraform", "vhost": vhost,
			"permissions": list{settings{"configure": "", "write": "^b", "read": ".*"}}}},
	{"rabbitmq_topic_permissions",
		settings{"user": "terraform", "vhost": vhost, "permissions": list{
			settings{"exchange": "amq.topic", "write": "^a", "read": ".*"},
			settings{"exchange": "x", "write": "", "read": "b"}}},
		settings{"user": "terraform", "vhost": vhost, "permissions": list{
			settings{"exchange": "x", "write": ".*", "read": "b"}}}},
	{"rabbitmq_exchange", settings{"name": "x", "vhost": vhost, "settings": list{settings{
		"type": "topic", "durable": true, "arguments": settings{"alternate-exchange": "amq.fanout"}}}}, nil},
	{"rabbitmq_exchange", settings{"name": "y", "vhost": vhost, "settings": list{settings{
		"type": "headers", "auto_delete": true}}}, nil},
	{"rabbitmq_queue", settings{"name": "q", "vhost": vhost, "settings": list{settings{
		"durable": true, "arguments": settings{"x-queue-type": "quorum"}}}}, nil},
	{"rabbitmq_queue", settings{"name": "limited", "vhost": vhost, "settings": list{settings{"durable": true,
		"arguments_json": `{"x-max-length":10,"x-dead-letter-exchange":"x"}`}}}, nil},
	{"rabbitmq_queue", settings{"name": "plain", "vhost": vhost, "settings": list{settings{"durable": true}}}, nil},
	{"rabbitmq_binding", settings{"source": "x", "vhost": vhost, "destination": "q", "destination_type": "queue",
		"routing_key": "a.# ~%"}, nil},
	{"rabbitmq_binding", settings{"source": "y", "vhost": vhost, "destination": "q", "destination_type": "queue",
		"arguments_json": `{"x-match":"all","size":7}`}, nil},
	{"rabbitmq_binding", settings{"source": "x", "vhost": vhost, "destination": "y", "destination_type": "exchange",
		"routing_key": "b", "arguments": settings{"why": "not"}}, nil},
	{"rabbitmq_policy",
		settings{"name": "p", "vhost": vhost, "policy": list{settings{"pattern": "^q", "priority": 0,
			"apply_to": "quorum_queues", "definition": settings{"message-ttl": "60000", "delivery-limit": 3}}}},
		settings{"name": "p", "vhost": vhost, "policy": list{settings{"pattern": ".*", "priority": 5,
			"apply_to": "all", "definition": settings{"dead-letter-exchange": "x"}}}}},
	{"rabbitmq_operator_policy",
		settings{"name": "op", "vhost": vhost, "policy": list{settings{"pattern": ".*", "priority": 1,
			"apply_to": "queues", "definition": settings{"max-length": 100}}}},
		settings{"name": "op", "vhost": vhost, "policy": list{settings{"pattern": ".*", "priority": 1,
			"apply_to": "queues", "definition": settings{"expires": 3600000}}}}},
	{"rabbitmq_federation_upstream",
		settings{"name": "up", "vhost": vhost, "definition": list{settings{"uri": "amqp://there"}}},
		settings{"name": "up", "vhost": vhost, "definition": list{settings{"uri": "amqp://there", "max_hops": 2}}}},
	{"rabbitmq_shovel", settings{"name": "s", "vhost": vhost, "info": list{settings{"source_uri": "amqp:///a",
		"source_queue": "q", "destination_uri": "amqp:///b", "destination_queue": "limited"}}}, nil},
}

var provider = rabbitmq.Provider()
var ctx = context.Background()

func fail(format string, seen ...interface{}) {
	fmt.Printf("FAILED "+format+"\n", seen...)
	os.Exit(1)
}

func check(what string, problem error) {
	if problem != nil {
		fail("%s: %s", what, problem)
	}
}

func checkAll(what string, problems diag.Diagnostics) {
	if problems.HasError() {
		fail("%s: %+v", what, problems)
	}
}

// One resource, as Terraform's state file knows it.
type managed struct {
	kind, what string
	*schema.Resource
	state *terraform.InstanceState
}

// What Terraform would do about this resource; nil if nothing.
func (m *managed) plan(wanted settings) *terraform.InstanceDiff {
	config := terraform.NewResourceConfigRaw(wanted)
	checkAll("validating "+m.what, m.Validate(config))
	diff, err := m.SimpleDiff(ctx, m.state, config, provider.Meta())
	check("planning "+m.what, err)
	if diff == nil || diff.Empty() {
		return nil
	}
	return diff
}

func (m *managed) refresh() {
	state, problems := m.RefreshWithoutUpgrade(ctx, m.state, provider.Meta())
	checkAll("reading "+m.what, problems)
	m.state = state
}

func (m *managed) apply(wanted settings) {
	diff := m.plan(wanted)
	if diff == nil {
		fail("nothing is planned for %s", m.what)
	}
	state, problems := m.Apply(ctx, m.state, diff, provider.Meta())
	checkAll("applying "+m.what, problems)
	m.state = state
	m.refresh()
	if diff := m.plan(wanted); diff != nil {
		fail("the second plan of %s is not empty: %s", m.what, diff)
	}
}

// The state of terraform import, which knows no more than the id.
func (m *managed) importAgain() {
	imported, err := provider.ImportState(ctx, &terraform.InstanceInfo{Type: m.kind}, m.state.ID)
	check("importing "+m.what, err)
	known := m.state
	m.state = imported[0]
	m.refresh()
	if m.state == nil || m.state.ID != known.ID {
		fail("%s is not found by its id %s", m.what, known.ID)
	}
	for name, value := range m.state.Attributes {
		if other, is := known.Attributes[name]; is && other != value {
			fail("%s imported: %s is %q, was %q", m.what, name, value, other)
		}
	}
	m.state = known
}

func (m *managed) destroy() {
	_, problems := m.Apply(ctx, m.state, &terraform.InstanceDiff{Destroy: true}, provider.Meta())
	checkAll("destroying "+m.what, problems)
	m.refresh()
	if m.state != nil && m.state.ID != "" {
		fail("%s is still there: %s", m.what, m.state)
	}
}

func main() {
	log.SetOutput(io.Discard) // the provider's
	checkAll("configuring", provider.Configure(ctx, terraform.NewResourceConfigRaw(settings{
		"endpoint": os.Getenv("MGMT_URL"), "username": "guest", "password": "guest"})))
	var made []*managed
	for _, wanted := range resources {
		m := &managed{kind: wanted.kind, what: fmt.Sprint(wanted.kind, " ", wanted.first),
			Resource: provider.ResourcesMap[wanted.kind]}
		m.apply(wanted.first)
		m.importAgain()
		if wanted.changed != nil {
			m.apply(wanted.changed)
		}
		made = append(made, m)
	}
	for i := len(made) - 1; i >= 0; i-- {
		made[i].destroy()
	}
	fmt.Println("ok", len(made), "resources")
}
