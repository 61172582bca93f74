// The programs that people write with rabbitmq/amqp091-go: hello world, a work queue, deferred confirms, returns,
// header tables, closes, and a client that reconnects after an operator closed its connection through the HTTP API.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
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

func dial(name string) *amqp.Connection {
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(name)
	conn, err := amqp.DialConfig(os.Getenv("AMQP_URL"), amqp.Config{Properties: properties, Heartbeat: 5 * time.Second})
	failOnError(err, "Failed to connect")
	return conn
}

func open(conn *amqp.Connection) *amqp.Channel {
	ch, err := conn.Channel()
	failOnError(err, "Failed to open a channel")
	return ch
}

func unique(name string) string { return fmt.Sprintf("interop.%d.%s", os.Getpid(), name) }

func publish(ctx context.Context, ch *amqp.Channel, queue string, body string) {
	err := ch.PublishWithContext(ctx, "", queue, false, false, amqp.Publishing{
		ContentType: "text/plain", DeliveryMode: amqp.Persistent, Body: []byte(body)})
	failOnError(err, "Failed to publish a message")
}

func next(ctx context.Context, msgs <-chan amqp.Delivery) amqp.Delivery {
	select {
	case d, ok := <-msgs:
		expect(ok, "the delivery channel was closed")
		return d
	case <-ctx.Done():
		log.Fatal("FAILED no delivery in time")
	}
	return amqp.Delivery{}
}

// hello is the tutorial's pair of programs, with the consumer waiting first this time.
func hello(ctx context.Context) {
	receiver, sender := dial("receiver"), dial("sender")
	defer receiver.Close()
	defer sender.Close()
	in, out := open(receiver), open(sender)
	var q amqp.Queue
	for _, ch := range []*amqp.Channel{in, out} { // both programs declare it, whoever comes first
		var err error
		q, err = ch.QueueDeclare(unique("hello"), false, false, false, false, nil)
		failOnError(err, "Failed to declare a queue")
	}
	msgs, err := in.Consume(q.Name, "", true, false, false, false, nil)
	failOnError(err, "Failed to register a consumer")
	publish(ctx, out, q.Name, "Hello World!")
	d := next(ctx, msgs)
	expect(string(d.Body) == "Hello World!" && d.ContentType == "text/plain", "the message as sent: %q %q", d.Body,
		d.ContentType)
	q, err = out.QueueDeclarePassive(q.Name, false, false, false, false, nil)
	failOnError(err, "Failed to look at the queue")
	expect(q.Messages == 0 && q.Consumers == 1, "a passive declare counts messages and consumers: %+v", q) // spec: C2
	_, err = out.QueueDelete(q.Name, false, false, false)
	failOnError(err, "Failed to delete the queue")
}

// worker takes tasks one at a time from a durable queue and acknowledges, rejects or returns them.
func worker(ctx context.Context) {
	conn := dial("worker")
	defer conn.Close()
	ch := open(conn)
	name := unique("tasks")
	_, err := ch.QueueDeclare(name, true, false, false, false, amqp.Table{"x-max-length": int32(1000)})
	failOnError(err, "Failed to declare a queue")
	failOnError(ch.Qos(1, 0, false), "Failed to set QoS")
	for i := 0; i < 100; i++ {
		publish(ctx, ch, name, fmt.Sprint(i))
	}
	msgs, err := ch.Consume(name, "the worker", false, false, false, false, nil)
	failOnError(err, "Failed to register a consumer")
	for i := 0; i < 100; i++ {
		d := next(ctx, msgs)
		expect(string(d.Body) == fmt.Sprint(i), "task %d in order, got %q", i, d.Body) // spec: C18 C25
		switch i % 3 {
		case 0:
			failOnError(d.Ack(false), "Failed to ack")
		case 1:
			failOnError(d.Reject(false), "Failed to reject")
		case 2:
			failOnError(d.Nack(false, true), "Failed to nack")
			d = next(ctx, msgs)
			// spec: C23
			expect(string(d.Body) == fmt.Sprint(i) && d.Redelivered, "task %d again: %q %v", i, d.Body, d.Redelivered)
			failOnError(d.Ack(false), "Failed to ack")
		}
	}
	failOnError(ch.Cancel("the worker", false), "Failed to cancel")
	_, ok := <-msgs
	expect(!ok, "nothing comes after the cancel") // spec: C16
	purged, err := ch.QueueDelete(name, false, false, false)
	failOnError(err, "Failed to delete the queue")
	expect(purged == 0, "all tasks are settled, %d left", purged)
}

// confirms publishes with deferred confirmations and waits for each, while NotifyPublish sees the same ones.
func confirms(ctx context.Context) {
	conn := dial("confirms")
	defer conn.Close()
	ch := open(conn)
	name := unique("confirms")
	_, err := ch.QueueDeclare(name, true, false, false, false, nil)
	failOnError(err, "Failed to declare a queue")
	failOnError(ch.Confirm(false), "Failed to select confirms")
	notified := ch.NotifyPublish(make(chan amqp.Confirmation, 300))
	var deferred []*amqp.DeferredConfirmation
	for i := 0; i < 300; i++ {
		confirmation, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", name, true, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(fmt.Sprint(i))})
		failOnError(err, "Failed to publish a message")
		deferred = append(deferred, confirmation)
	}
	for i, confirmation := range deferred {
		acked := confirmation.Wait()
		expect(acked && confirmation.DeliveryTag == uint64(i+1), "confirm %d: %+v", i+1, confirmation) // spec: K1
		c := <-notified
		expect(c.Ack && c.DeliveryTag == uint64(i+1), "notification %d: %+v", i+1, c) // spec: K8
	}
	count, err := ch.QueuePurge(name, false)
	failOnError(err, "Failed to purge")
	expect(count == 300, "purge-ok counts 300 messages, got %d", count) // spec: C11
	_, err = ch.QueueDelete(name, false, false, false)
	failOnError(err, "Failed to delete the queue")
}

// returns publishes a mandatory message that nobody takes.
func returns(ctx context.Context) {
	conn := dial("returns")
	defer conn.Close()
	ch := open(conn)
	returned := ch.NotifyReturn(make(chan amqp.Return, 1))
	err := ch.PublishWithContext(ctx, "amq.topic", "no.body", true, false,
		amqp.Publishing{MessageId: "m1", Body: []byte("back")})
	failOnError(err, "Failed to publish a message")
	select {
	case r := <-returned:
		expect(r.ReplyCode == amqp.NoRoute && r.ReplyText == "NO_ROUTE" && r.Exchange == "amq.topic" &&
			r.RoutingKey == "no.body" && r.MessageId == "m1" && string(r.Body) == "back",
			"the whole message with its reason: %+v", r) // spec: C30
	case <-ctx.Done():
		log.Fatal("FAILED the message was not returned")
	}
}

// tables sends every Go type that a header can have and gets it back with its type.
func tables(ctx context.Context) {
	conn := dial("tables")
	defer conn.Close()
	ch := open(conn)
	q, err := ch.QueueDeclare("", false, true, true, false, nil)
	failOnError(err, "Failed to declare a queue")
	headers := amqp.Table{
		"bool": true, "int8": int8(-8), "byte": byte(200), "int16": int16(-16), "int32": int32(-32),
		"int64":   int64(1) << 62,
		"float32": float32(0.5), "float64": 0.1, "string": "größer", "bytes": []byte{0, 1, 255}, "nil": nil,
		"decimal": amqp.Decimal{Scale: 2, Value: 314}, "time": time.Unix(1700000000, 0).UTC(),
		"array": []interface{}{int32(1), "two", nil, []interface{}{int8(3)}},
		"table": amqp.Table{"deep": amqp.Table{"deeper": false}},
	}
	err = ch.PublishWithContext(ctx, "", q.Name, false, false,
		amqp.Publishing{Headers: headers, Timestamp: time.Unix(1, 0)})
	failOnError(err, "Failed to publish a message")
	d, ok, err := ch.Get(q.Name, true)
	failOnError(err, "Failed to get")
	expect(ok && d.Timestamp.Unix() == 1, "the message and its timestamp: %v %v", ok, d.Timestamp)
	d.Headers["time"] = d.Headers["time"].(time.Time).UTC()
	for name, value := range headers {
		expect(reflect.DeepEqual(d.Headers[name], value), "header %s: sent %#v, got %#v", name, value, d.Headers[name])
	}
	expect(len(d.Headers) == len(headers), "no other headers: %v", d.Headers)
}

// channelError acknowledges twice, which costs the channel but not the connection.
func channelError(ctx context.Context) {
	conn := dial("channel error")
	defer conn.Close()
	ch := open(conn)
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	failOnError(ch.Ack(1, false), "Failed to send the ack")
	select {
	case reason := <-closed:
		expect(reason != nil && reason.Code == amqp.PreconditionFailed && reason.Server &&
			// spec: C21
			reason.Reason == "PRECONDITION_FAILED - unknown delivery tag 1", "why the channel closed: %+v", reason)
	case <-ctx.Done():
		log.Fatal("FAILED the channel was not closed")
	}
	_, err := open(conn).QueueDeclare("", false, true, true, false, nil)
	failOnError(err, "Failed to go on with another channel")
}

func call(ctx context.Context, method string, path string, result interface{}) int {
	request, err := http.NewRequestWithContext(ctx, method, os.Getenv("MGMT_URL")+"/api"+path, nil)
	failOnError(err, "Failed to make a request")
	request.SetBasicAuth("guest", "guest")
	request.Header.Set("X-Reason", "told to go")
	answer, err := http.DefaultClient.Do(request)
	failOnError(err, "Failed to call the HTTP API")
	defer answer.Body.Close()
	if result != nil {
		failOnError(json.NewDecoder(answer.Body).Decode(result), "Failed to read the HTTP API's answer")
	}
	return answer.StatusCode
}

// connectionNamed finds the broker's name for the connection that its client calls so; it may show up a little later.
func connectionNamed(ctx context.Context, userProvided string) string {
	for ctx.Err() == nil {
		var connections []map[string]interface{}
		call(ctx, "GET", "/connections", &connections)
		for _, connection := range connections {
			properties, _ := connection["client_properties"].(map[string]interface{})
			// spec: P9
			if connection["user_provided_name"] == userProvided && properties["connection_name"] == userProvided {
				return connection["name"].(string)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	log.Fatalf("FAILED /api/connections does not show the connection named %s", userProvided)
	return ""
}

// reconnect is closed by an operator, learns it from NotifyClose, dials again and goes on consuming.
func reconnect(ctx context.Context) {
	name := unique("reconnect")
	conn := dial(name)
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	ch := open(conn)
	_, err := ch.QueueDeclare(name, true, false, false, false, nil)
	failOnError(err, "Failed to declare a queue")
	msgs, err := ch.Consume(name, "", false, false, false, false, nil)
	failOnError(err, "Failed to register a consumer")
	publish(ctx, ch, name, "unfinished work")
	next(ctx, msgs)
	status := call(ctx, "DELETE", "/connections/"+url.PathEscape(connectionNamed(ctx, name)), nil)
	expect(status == 204, "closing a connection over HTTP gives 204, got %d", status)
	select {
	case reason := <-closed:
		expect(reason != nil && reason.Code == amqp.ConnectionForced && reason.Server, "why the connection closed: %+v",
			reason)
		expect(reason.Reason == "CONNECTION_FORCED - told to go", "the text of the close: %q", reason.Reason)
	case <-ctx.Done():
		log.Fatal("FAILED the connection was not closed")
	}
	_, ok := <-msgs
	expect(!ok, "the delivery channel ends with the connection")
	conn = dial(name)
	defer conn.Close()
	ch = open(conn)
	msgs, err = ch.Consume(name, "", false, false, false, false, nil)
	failOnError(err, "Failed to register a consumer after the reconnect")
	d := next(ctx, msgs)
	// spec: C23
	expect(string(d.Body) == "unfinished work" && d.Redelivered, "the message comes again: %q %v", d.Body,
		d.Redelivered)
	failOnError(d.Ack(false), "Failed to ack")
	_, err = ch.QueueDelete(name, false, false, false)
	failOnError(err, "Failed to delete the queue")
}

func main() {
	log.SetFlags(0)
	tests := []struct {
		name string
		run  func(context.Context)
	}{{"hello", hello}, {"worker", worker}, {"confirms", confirms}, {"returns", returns}, {"tables", tables},
		{"channelError", channelError}, {"reconnect", reconnect}}
	for _, test := range tests {
		started := time.Now()
		log.SetPrefix(test.name + ": ")
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		test.run(ctx)
		cancel()
		fmt.Printf("ok     %s (%.2f s)\n", test.name, time.Since(started).Seconds())
	}
}
