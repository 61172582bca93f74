// Everything that rabbit-hole can make, list, show and delete: what Terraform's provider and the topology operator for
// Kubernetes are built on. Its types are strict, so a field of the wrong type fails here.
package main

import (
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	rabbithole "github.com/michaelklishin/rabbit-hole/v2"
)

const vhost, user = "rabbit hole/1", "hole"

var client *rabbithole.Client

func check(what string, err error) {
	if err != nil {
		log.Fatalf("FAILED %s: %s", what, err)
	}
}

func expect(what string, holds bool, seen interface{}) {
	if !holds {
		log.Fatalf("FAILED %s: seen %+v", what, seen)
	}
}

// A change, and the status that it must have: put(created, 201)(client.PutVhost(...)).
func status(what string, wanted int) func(*http.Response, error) {
	return func(res *http.Response, err error) {
		if wanted >= 400 && err != nil { // as the client tells it
			return
		}
		check(what, err)
		expect(what, res.StatusCode == wanted, res.Status)
	}
}

func listed[T any](what string, wanted int) func([]T, error) []T {
	return func(items []T, err error) []T {
		check(what, err)
		expect(what, len(items) >= wanted, items)
		return items
	}
}

func shown[T any](what string) func(T, error) T {
	return func(item T, err error) T {
		check(what, err)
		return item
	}
}

func usersAndHosts() {
	settings := rabbithole.VhostSettings{Description: "of rabbit-hole", Tags: rabbithole.VhostTags{"a", "b"}}
	status("a new virtual host", 201)(client.PutVhost(vhost, settings))
	status("the same again", 204)(client.PutVhost(vhost, settings))
	host := shown[*rabbithole.VhostInfo]("the virtual host")(client.GetVhost(vhost))
	expect("its description and tags", host.Description == "of rabbit-hole" && len(host.Tags) == 2, host)
	listed[rabbithole.VhostInfo]("virtual hosts", 2)(client.ListVhosts())

	account := rabbithole.UserSettings{Password: "pw", Tags: rabbithole.UserTags{"management", "policymaker"}}
	status("a new user", 201)(client.PutUser(user, account))
	seen := shown[*rabbithole.UserInfo]("the user")(client.GetUser(user))
	expect("the user's tags and hash", len(seen.Tags) == 2 && seen.PasswordHash != "", seen)
	hash := rabbithole.Base64EncodedSaltedPasswordHashSHA256("other")
	status("a user with a hash", 204)(client.PutUser(user, rabbithole.UserSettings{PasswordHash: hash,
		HashingAlgorithm: rabbithole.HashingAlgorithmSHA256, Tags: rabbithole.UserTags{"monitoring"}}))
	expect("the hash is kept", shown[*rabbithole.UserInfo]("the user")(client.GetUser(user)).PasswordHash == hash, hash)
	listed[rabbithole.UserInfo]("users", 2)(client.ListUsers())
	status("an unknown user", 404)(client.DeleteUser("nobody"))

	rights := rabbithole.Permissions{Configure: "^x", Write: ".*", Read: ""}
	status("permissions", 201)(client.UpdatePermissionsIn(vhost, user, rights))
	status("permissions of guest, who made the virtual host", 204)(
		client.UpdatePermissionsIn(vhost, "guest", rabbithole.Permissions{
			Configure: ".*", Write: ".*", Read: ".*"}))
	given := shown[rabbithole.PermissionInfo]("permissions of the user here")(client.GetPermissionsIn(vhost, user))
	expect("the rights", given.Configure == "^x" && given.Read == "", given)
	listed[rabbithole.PermissionInfo]("permissions", 3)(client.ListPermissions())
	listed[rabbithole.PermissionInfo]("permissions of the user", 1)(client.ListPermissionsOf(user))
	status("topic permissions", 201)(client.UpdateTopicPermissionsIn(vhost, user, rabbithole.TopicPermissions{
		Exchange: "amq.topic", Write: "^a", Read: "^b"}))
	listed[rabbithole.TopicPermissionInfo]("topic permissions", 1)(client.GetTopicPermissionsIn(vhost, user))
	status("topic permissions deleted", 204)(client.DeleteTopicPermissionsIn(vhost, user, "amq.topic"))

	status("limits of the virtual host", 204)(
		client.PutVhostLimits(vhost, rabbithole.VhostLimitsValues{"max-queues": 50}))
	limits := listed[rabbithole.VhostLimitsInfo]("its limits", 1)(client.GetVhostLimits(vhost))
	expect("the limit", limits[0].Value["max-queues"] == 50, limits)
	status("the limit deleted", 204)(client.DeleteVhostLimits(vhost, rabbithole.VhostLimits{"max-queues"}))
	status("limits of the user", 204)(client.PutUserLimits(user, rabbithole.UserLimitsValues{"max-channels": 5}))
	expect("the limit", listed[rabbithole.UserLimitsInfo]("limits of the user", 1)(
		client.GetUserLimits(user))[0].Value["max-channels"] == 5, user)
	status("the limit deleted", 204)(client.DeleteUserLimits(user, rabbithole.UserLimits{"max-channels"}))
}

func topology() {
	status("an exchange", 201)(client.DeclareExchange(vhost, "x/1", rabbithole.ExchangeSettings{
		Type: "topic", Durable: true, Arguments: map[string]interface{}{"alternate-exchange": "amq.fanout"}}))
	exchange := shown[*rabbithole.DetailedExchangeInfo]("the exchange")(client.GetExchange(vhost, "x/1"))
	expect("its type", exchange.Type == "topic" && exchange.Durable, exchange)
	listed[rabbithole.ExchangeInfo]("exchanges", 8)(client.ListExchangesIn(vhost))
	listed[rabbithole.ExchangeInfo]("exchanges everywhere", 15)(client.ListExchanges())

	status("a queue", 201)(client.DeclareQueue(vhost, "q/1", rabbithole.QueueSettings{
		Durable: true, Arguments: map[string]interface{}{"x-max-length": 10, "x-queue-type": "quorum"}}))
	queue := shown[*rabbithole.DetailedQueueInfo]("the queue")(client.GetQueue(vhost, "q/1"))
	expect("its type", queue.Type == "quorum" && bool(queue.Durable), queue)
	listed[rabbithole.QueueInfo]("queues", 1)(client.ListQueuesIn(vhost))
	page := shown[rabbithole.PagedQueueInfo]("a page of queues")(client.PagedListQueuesWithParameters(
		url.Values{"page": {"1"}, "name": {"q/"}}))
	expect("the page", page.FilteredCount == 1 && len(page.Items) == 1, page)
	status("a queue that differs", 400)(client.DeclareQueue(vhost, "q/1", rabbithole.QueueSettings{Durable: false}))

	binding := rabbithole.BindingInfo{Source: "x/1", Destination: "q/1", DestinationType: "queue", RoutingKey: "a.#/~",
		Arguments: map[string]interface{}{"n": 1}}
	res, err := client.DeclareBinding(vhost, binding)
	status("a binding", 201)(res, err)
	location := strings.Split(res.Header.Get("Location"), "/") // where Terraform's provider finds the key
	key, err := url.PathUnescape(location[len(location)-1])
	check("the key in the location", err)
	between := listed[rabbithole.BindingInfo]("bindings between the two", 1)(
		client.ListQueueBindingsBetween(vhost, "x/1", "q/1"))
	expect("the binding's key is that of the location", between[0].PropertiesKey == key, between)
	listed[rabbithole.BindingInfo]("bindings of the queue", 2)(client.ListQueueBindings(vhost, "q/1"))
	listed[rabbithole.BindingInfo]("bindings from the exchange", 1)(client.ListExchangeBindingsWithSource(vhost, "x/1"))
	listed[rabbithole.BindingInfo]("bindings", 2)(client.ListBindingsIn(vhost))
	between[0].Vhost = vhost
	status("the binding deleted", 204)(client.DeleteBinding(vhost, between[0]))
	status("the queue purged", 204)(client.PurgeQueue(vhost, "q/1"))
}

func settings() {
	policy := rabbithole.Policy{Pattern: "^q", ApplyTo: "queues", Priority: 3,
		Definition: rabbithole.PolicyDefinition{"message-ttl": 60000}}
	status("a policy", 201)(client.PutPolicy(vhost, "p", policy))
	seen := shown[*rabbithole.Policy]("the policy")(client.GetPolicy(vhost, "p"))
	expect("what it says", seen.Pattern == "^q" && seen.Priority == 3, seen)
	listed[rabbithole.Policy]("policies", 1)(client.ListPoliciesIn(vhost))
	operator := rabbithole.OperatorPolicy{Pattern: "^q", ApplyTo: "queues",
		Definition: rabbithole.PolicyDefinition{"max-length": 100}}
	status("an operator policy", 201)(client.PutOperatorPolicy(vhost, "op", operator))
	shown[*rabbithole.OperatorPolicy]("the operator policy")(client.GetOperatorPolicy(vhost, "op"))
	listed[rabbithole.OperatorPolicy]("operator policies", 1)(client.ListOperatorPolicies())
	listed[rabbithole.RuntimeParameter]("parameters: the operator policy", 1)(client.ListRuntimeParameters())
	status("an upstream", 201)(client.PutFederationUpstream(vhost, "up", rabbithole.FederationDefinition{
		Uri: rabbithole.URISet{"amqp://there"}}))
	up := shown[*rabbithole.FederationUpstream]("the upstream")(client.GetFederationUpstream(vhost, "up"))
	expect("its address", up.Definition.Uri[0] == "amqp://there", up)
	status("the upstream deleted", 204)(client.DeleteFederationUpstream(vhost, "up"))
	status("a global parameter", 201)(client.PutGlobalParameter("hole", map[string]interface{}{"a": 1}))
	shown[*rabbithole.GlobalRuntimeParameter]("the global parameter")(client.GetGlobalParameter("hole"))
	status("the global parameter deleted", 204)(client.DeleteGlobalParameter("hole"))
}

func node() {
	overview := shown[*rabbithole.Overview]("the overview")(client.Overview())
	expect("the product", overview.RabbitMQVersion != "" && overview.Node != "", overview)
	nodes := listed[rabbithole.NodeInfo]("nodes", 1)(client.ListNodes())
	shown[*rabbithole.NodeInfo]("the node")(client.GetNode(nodes[0].Name))
	shown[*rabbithole.ClusterName]("the cluster's name")(client.GetClusterName())
	expect("who I am", shown[*rabbithole.WhoamiInfo]("who I am")(client.Whoami()).Name == "guest", "")
	listed[rabbithole.FeatureFlag]("feature flags", 1)(client.ListFeatureFlags())
	status("all feature flags", 204)(client.EnableFeatureFlag("all"))
	listed[rabbithole.ConnectionInfo]("connections", 0)(client.ListConnections())
	listed[rabbithole.ChannelInfo]("channels", 0)(client.ListChannels())
	listed[rabbithole.ConsumerInfo]("consumers", 0)(client.ListConsumers())
	listed[string]("protocols", 1)(client.EnabledProtocols())
	shown[map[string]rabbithole.Port]("ports")(client.ProtocolPorts())
	definitions := shown[*rabbithole.ExportedDefinitions]("definitions")(client.ListDefinitions())
	expect("what they hold", len(*definitions.Queues) == 1 && len(*definitions.Policies) == 1, definitions)
	shown[rabbithole.ResourceAlarmCheckStatus]("alarms")(client.HealthCheckAlarms())
	shown[rabbithole.ResourceAlarmCheckStatus]("local alarms")(client.HealthCheckLocalAlarms())
	shown[rabbithole.HealthCheckStatus]("certificates")(client.HealthCheckCertificateExpiration(1, rabbithole.DAYS))
	shown[rabbithole.ProtocolListenerCheckStatus]("a protocol")(client.HealthCheckProtocolListener(rabbithole.AMQP091))
	shown[rabbithole.HealthCheckStatus]("virtual hosts")(client.HealthCheckVirtualHosts())
	critical := shown[rabbithole.HealthCheckStatus]("quorum")(client.HealthCheckNodeIsQuorumCritical())
	expect("the check says why", critical.Ok(), critical)
}

func deleteEverything() {
	status("the policy deleted", 204)(client.DeletePolicy(vhost, "p"))
	status("the operator policy deleted", 204)(client.DeleteOperatorPolicy(vhost, "op"))
	status("a quorum queue if it is empty", 400)(client.DeleteQueue(vhost, "q/1",
		rabbithole.QueueDeleteOptions{IfEmpty: true}))
	status("the queue deleted", 204)(client.DeleteQueue(vhost, "q/1"))
	status("the exchange deleted", 204)(client.DeleteExchange(vhost, "x/1"))
	status("the permissions deleted", 204)(client.ClearPermissionsIn(vhost, user))
	status("the user deleted", 204)(client.DeleteUser(user))
	status("the virtual host deleted", 204)(client.DeleteVhost(vhost))
	_, err := client.GetVhost(vhost)
	expect("the virtual host is gone", err != nil && strings.Contains(err.Error(), "404"), err)
}

func main() {
	log.SetFlags(0)
	var err error
	client, err = rabbithole.NewClient(os.Getenv("MGMT_URL"), "guest", "guest")
	check("the client", err)
	usersAndHosts()
	topology()
	settings()
	node()
	deleteEverything()
}
