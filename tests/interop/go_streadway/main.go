// The programs that people write with streadway/amqp: hello world, a work queue, confirms, returns, closes,
// reconnecting.
// Each function is one test; it panics through failOnError or expect with a line that says what was wrong.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/streadway/amqp"
)

const patience = 10 * time.Second

func failOnError(err error, msg string) {
	if err != nil {
		log.Fatalf("FAILED %s: %s", msg, err)
	}
}

func expect(holds bool, format string, values ...interface{}) {
	if !holds {
		log.Fatalf("FAILED "+format, values...)
	}
}

func dial() *amqp.Connection {
	conn, err := amqp.Dial(os.Getenv("AMQP_URL"))
	failOnError(err, "Failed to connect")
	return conn
}

func open(conn *amqp.Connection) *amqp.Channel {
	ch, err := conn.Channel()
	failOnError(err, "Failed to open a channel")
	return ch
}

func declare(ch *amqp.Channel, name string, durable bool) amqp.Queue {
	q, err := ch.QueueDeclare(name, durable, false, false, false, nil)
	failOnError(err, "Failed to declare a queue")
	return q
}

func remove(names ...string) {
	conn := dial()
	defer conn.Close()
	for _, name := range names {
		_, err := open(conn).QueueDelete(name, false, false, false)
		failOnError(err, "Failed to delete a queue")
	}
}

func unique(name string) string { return fmt.Sprintf("interop.%d.%s", os.Getpid(), name) }

func publish(ch *amqp.Channel, queue string, body string) {
	err := ch.Publish("", queue, false, false, amqp.Publishing{
		ContentType: "text/plain", DeliveryMode: amqp.Persistent, Body: []byte(body)})
	failOnError(err, "Failed to publish a message")
}

func next(msgs <-chan amqp.Delivery) amqp.Delivery {
	select {
	case d, ok := <-msgs:
		expect(ok, "the delivery channel was closed")
		return d
	case <-time.After(patience):
		log.Fatal("FAILED no delivery in time")
	}
	return amqp.Delivery{}
}

// hello is the tutorial's pair of programs: the producer leaves before the consumer comes.
func hello() {
	name := unique("hello")
	conn := dial()
	ch := open(conn)
	q := declare(ch, name, false)
	expect(q.Name == name && q.Messages == 0 && q.Consumers == 0, "a new queue is empty: %+v", q) // spec: C2
	publish(ch, q.Name, "Hello World!")
	failOnError(ch.Close(), "Failed to close the channel")
	failOnError(conn.Close(), "Failed to close the connection")

	conn = dial()
	ch = open(conn)
	q = declare(ch, name, false)
	msgs, err := ch.Consume(q.Name, "", true, false, false, false, nil)
	failOnError(err, "Failed to register a consumer")
	d := next(msgs)
	expect(string(d.Body) == "Hello World!" && d.ContentType == "text/plain", "the message as sent: %q %q", d.Body,
		d.ContentType)
	// spec: C20
	expect(d.DeliveryTag == 1 && !d.Redelivered && d.RoutingKey == name && d.Exchange == "", "its delivery: %+v", d)
	failOnError(conn.Close(), "Failed to close the connection")
	remove(name)
}

// workers shares a durable queue between two consumers with Qos(1) and manual acks; one of them dies with its task.
func workers() {
	name := unique("tasks")
	boss := dial()
	defer boss.Close()
	ch := open(boss)
	declare(ch, name, true)
	consume := func() (*amqp.Connection, <-chan amqp.Delivery) {
		conn := dial()
		ch := open(conn)
		failOnError(ch.Qos(1, 0, false), "Failed to set QoS")
		msgs, err := ch.Consume(name, "", false, false, false, false, nil)
		failOnError(err, "Failed to register a consumer")
		return conn, msgs
	}
	mortal, tasks := consume()
	publish(ch, name, "task 0")
	expect(string(next(tasks).Body) == "task 0", "the first worker has the first task")
	survivor, others := consume()
	defer survivor.Close()
	for i := 1; i < 10; i++ {
		publish(ch, name, fmt.Sprintf("task %d", i))
	}
	for i := 1; i < 10; i++ {
		d := next(others)
		expect(string(d.Body) == fmt.Sprintf("task %d", i), "task %d in order, got %q", i, d.Body) // spec: C18 C25 C26
		if i == 9 {
			failOnError(mortal.Close(), "Failed to close the first worker")
		}
		failOnError(d.Ack(false), "Failed to ack")
	}
	d := next(others)
	// spec: C23
	expect(string(d.Body) == "task 0" && d.Redelivered, "the dead worker's task comes back: %q %v", d.Body,
		d.Redelivered)
	failOnError(d.Ack(false), "Failed to ack")
	remove(name)
}

// confirms publishes 500 messages and counts NotifyPublish; the library hands them out one by one, in order of tags.
func confirms() {
	name := unique("confirms")
	conn := dial()
	defer conn.Close()
	ch := open(conn)
	declare(ch, name, true)
	failOnError(ch.Confirm(false), "Failed to select confirms")
	confirmed := ch.NotifyPublish(make(chan amqp.Confirmation, 500))
	for i := 0; i < 500; i++ {
		publish(ch, name, fmt.Sprint(i))
	}
	for i := uint64(1); i <= 500; i++ {
		select {
		case c := <-confirmed:
			expect(c.Ack && c.DeliveryTag == i, "confirm %d: %+v", i, c) // spec: K1 K8
		case <-time.After(patience):
			log.Fatalf("FAILED confirm %d did not come", i)
		}
	}
	q, err := ch.QueueInspect(name)
	failOnError(err, "Failed to inspect the queue")
	expect(q.Messages == 500, "500 messages confirmed, %d queued", q.Messages)
	remove(name)
}

// returns publishes mandatory messages that no queue takes.
func returns() {
	conn := dial()
	defer conn.Close()
	ch := open(conn)
	failOnError(ch.Confirm(false), "Failed to select confirms")
	returned := ch.NotifyReturn(make(chan amqp.Return, 1))
	confirmed := ch.NotifyPublish(make(chan amqp.Confirmation, 1))
	headers := amqp.Table{"tenant": "seven", "count": int32(7), "nested": amqp.Table{"yes": true}}
	err := ch.Publish("amq.direct", "nobody", true, false, amqp.Publishing{Headers: headers, Body: []byte("come back")})
	failOnError(err, "Failed to publish a message")
	confirmation := <-confirmed
	expect(confirmation.Ack, "an unroutable message is confirmed: %+v", confirmation) // spec: K2
	select {
	case r := <-returned:
		expect(r.ReplyCode == 312 && r.ReplyText == "NO_ROUTE", "code and text of the return: %+v", r) // spec: C30
		expect(r.Exchange == "amq.direct" && r.RoutingKey == "nobody", "where it was to go: %+v", r)
		expect(string(r.Body) == "come back" && r.Headers["tenant"] == "seven" && r.Headers["count"] == int32(7),
			"the content comes back whole: %q %+v", r.Body, r.Headers)
	default:
		log.Fatal("FAILED the return comes before the confirm") // spec: K2
	}
}

// channelError provokes a 404; the channel closes with the reason, its connection serves on.
func channelError() {
	conn := dial()
	defer conn.Close()
	ch := open(conn)
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	_, err := ch.QueueDeclarePassive("no such queue", false, false, false, false, nil)
	expect(err != nil, "a passive declare of nothing is an error")
	reason := <-closed
	// spec: C8
	expect(reason != nil && reason.Code == amqp.NotFound && reason.Server, "why the channel closed: %+v", reason)
	// spec: C8 F10
	expect(reason.Reason == "NOT_FOUND - no queue 'no such queue' in vhost '/'", "its text: %q", reason.Reason)
	expect(!conn.IsClosed(), "the connection stays open")
	again := open(conn)
	q, err := again.QueueDeclare("", false, true, true, false, nil)
	failOnError(err, "Failed to declare a queue after a channel error")
	expect(strings.HasPrefix(q.Name, "amq.gen-"), "a server-named queue: %q", q.Name) // spec: C1
}

// reconnect is told by NotifyClose that the broker closed the connection, dials again and finds its queue.
func reconnect() {
	name := unique("reconnect")
	conn := dial()
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	ch := open(conn)
	declare(ch, name, true)
	publish(ch, name, "survives the connection")
	err := ch.Publish("", name, false, true, amqp.Publishing{}) // immediate is not implemented: a connection error
	failOnError(err, "Failed to publish an immediate message")
	select {
	case reason := <-closed:
		// spec: C28
		expect(reason != nil && reason.Code == amqp.NotImplemented, "why the connection closed: %+v", reason)
		// spec: C28
		expect(reason.Reason == "NOT_IMPLEMENTED - immediate=true", "the text of the close: %q", reason.Reason)
	case <-time.After(patience):
		log.Fatal("FAILED the broker did not close the connection")
	}
	conn = dial()
	defer conn.Close()
	d, ok, err := open(conn).Get(name, true)
	failOnError(err, "Failed to get after the reconnect")
	expect(ok && string(d.Body) == "survives the connection", "the message after the reconnect: %v %q", ok, d.Body)
	remove(name)
}

func main() {
	log.SetFlags(0)
	tests := []struct {
		name string
		run  func()
	}{{"hello", hello}, {"workers", workers}, {"confirms", confirms}, {"returns", returns},
		{"channelError", channelError}, {"reconnect", reconnect}}
	for _, test := range tests {
		started := time.Now()
		log.SetPrefix(test.name + ": ")
		test.run()
		fmt.Printf("ok     %s (%.2f s)\n", test.name, time.Since(started).Seconds())
	}
}
