'use strict';
// The programs that people write with Node's amqplib (promise API). Each test is an async function; a failed assertion
// ends the run with exit code 1 and a line that names the test.
const assert = require('node:assert/strict');
const amqp = require('amqplib');

const url = process.env.AMQP_URL;
const unique = (name) => `interop.${process.pid}.${name}`;
const range = (count) => Array.from({ length: count }, (_, number) => String(number));
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const closed = (emitter) => new Promise((resolve) => emitter.once('close', resolve));

// Collects messages of a consumer until there are `count`; `settle` is called with each.
async function collect(channel, queue, count, settle, options) {
  const messages = [];
  let consumer;
  await new Promise((resolve, reject) => {
    consumer = channel.consume(queue, (message) => {
      if (message === null) return reject(new Error('the consumer was cancelled'));
      messages.push(message);
      settle(message);
      if (messages.length === count) resolve();
    }, options);
    consumer.catch(reject);
  });
  await channel.cancel((await consumer).consumerTag);
  return messages;
}

const bodies = (messages) => messages.map((message) => message.content.toString());

async function queuesAndAcks(connection) {
  const queue = unique('queue');
  const channel = await connection.createChannel();
  // spec: C2
  assert.deepEqual(await channel.assertQueue(queue, { durable: true }), { queue, messageCount: 0, consumerCount: 0 });
  for (const body of range(100)) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
  const messages = await collect(channel, queue, 100, (message) => channel.ack(message));
  assert.deepEqual(bodies(messages), range(100), 'order of deliveries'); // spec: C25
  // spec: C20
  assert.deepEqual(messages.map((message) => message.fields.deliveryTag), range(100).map((n) => Number(n) + 1));
  assert.equal((await channel.checkQueue(queue)).messageCount, 0, 'everything is acknowledged');
  assert.deepEqual(await channel.deleteQueue(queue), { messageCount: 0 });
  await channel.close();
}

async function prefetch(connection) {
  const queue = unique('prefetch');
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { exclusive: true });
  for (const body of range(50)) channel.sendToQueue(queue, Buffer.from(body));
  await channel.prefetch(7);
  let held = [];
  let most = 0;
  const messages = await collect(channel, queue, 50, (message) => {
    held.push(message);
    most = Math.max(most, held.length);
    if (held.length === 7 || message.content.toString() === '49') {
      channel.ack(held.at(-1), true);
      held = [];
    }
  });
  assert.equal(most, 7, 'never more than 7 unacknowledged'); // spec: C18
  assert.deepEqual(bodies(messages), range(50), 'order with a prefetch');
  await channel.close();
}

async function confirms(connection) {
  const queue = unique('confirms');
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true });
  let confirmed = 0;
  for (const body of range(1000)) {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true }, (error) => {
      assert.equal(error, null, `message ${body} is confirmed`);
      confirmed += 1;
    });
  }
  await channel.waitForConfirms();
  assert.equal(confirmed, 1000, 'every publish is confirmed once'); // spec: K1 K8
  // spec: C11
  assert.deepEqual(await channel.purgeQueue(queue), { messageCount: 1000 }, 'all confirmed messages are queued');
  const returned = once(channel, 'return');
  channel.publish('', unique('nobody'), Buffer.from('back'), { mandatory: true, messageId: 'm' });
  await channel.waitForConfirms();
  const message = await returned; // spec: K2 C30
  assert.equal(message.fields.replyCode, 312);
  assert.equal(message.fields.replyText, 'NO_ROUTE');
  assert.equal(message.properties.messageId, 'm');
  assert.equal(message.content.toString(), 'back');
  await channel.deleteQueue(queue);
  await channel.close();
}

async function headers(connection) {
  const exchange = unique('headers');
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange, 'headers', { durable: false, autoDelete: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  assert.match(queue, /^amq\.gen-/); // spec: C1
  await channel.bindQueue(queue, exchange, '', { 'x-match': 'all', colour: 'red', size: 7 });
  const matching = {
    colour: 'red', size: 7, extra: null, half: 0.5, large: 2 ** 40, list: [1, 'two', false], yes: true,
    nested: { deep: { deeper: 'ß' } }, raw: { '!': 'timestamp', value: 1700000000 },
  };
  channel.publish(exchange, 'any', Buffer.from('matches'), { headers: matching });
  channel.publish(exchange, 'any', Buffer.from('another size'), { headers: { ...matching, size: 8 } });
  channel.publish(exchange, 'any', Buffer.from('no size'), { headers: { colour: 'red' } });
  const message = await channel.get(queue, { noAck: true });
  assert.equal(message.content.toString(), 'matches');
  assert.deepEqual({ ...message.properties.headers }, matching, 'headers as sent');
  assert.equal(await channel.get(queue, { noAck: true }), false, 'only the matching message is routed');
  await channel.close();
}

async function channelErrors(connection) {
  const broken = await connection.createChannel();
  const error = once(broken, 'error');
  const end = closed(broken);
  // spec: C8
  await assert.rejects(broken.checkQueue('no such queue'), /404 \(NOT-FOUND\).*no queue 'no such queue' in vhost '\/'/);
  assert.equal((await error).code, 404);
  await end;
  const queue = unique('equivalent');
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: false, autoDelete: true });
  const other = await connection.createChannel();
  const mismatch = once(other, 'error');
  await assert.rejects(other.assertQueue(queue, { durable: true, autoDelete: true }), /inequivalent arg 'durable'/);
  assert.equal((await mismatch).code, 406); // spec: C6
  await channel.deleteQueue(queue);
  await channel.close();
}

async function rejected(connection) {
  const queue = unique('rejected');
  const dead = unique('dead');
  const channel = await connection.createChannel();
  await channel.assertQueue(dead, { exclusive: true });
  await channel.assertQueue(queue, { exclusive: true, deadLetterExchange: '', deadLetterRoutingKey: dead,
    maxLength: 10 });
  for (const body of range(3)) channel.sendToQueue(queue, Buffer.from(body));
  await collect(channel, queue, 3, (message) => channel.nack(message, false, false));
  const messages = await collect(channel, dead, 3, () => {}, { noAck: true });
  assert.deepEqual(bodies(messages), range(3), 'dead letters in order');
  const [death] = messages[0].properties.headers['x-death'];
  assert.equal(death.reason, 'rejected');
  assert.equal(death.queue, queue);
  assert.equal(death.count, 1);
  await channel.close();
}

async function consumerCancelled(connection) {
  const queue = unique('cancelled');
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: false });
  const cancelled = new Promise((resolve) => channel.consume(queue, resolve).then(() => channel.deleteQueue(queue)));
  assert.equal(await cancelled, null, 'deleting the queue cancels its consumer'); // spec: C17
  await channel.close();
}

async function serverCloses() {
  const connection = await amqp.connect(url);
  const error = once(connection, 'error');
  const end = closed(connection);
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.consume(queue, () => {}, { consumerTag: 'the one' });
  channel.consume(queue, () => {}, { consumerTag: 'the one' }).catch(() => {});
  assert.match((await error).message, /530 \(NOT-ALLOWED\).*attempt to reuse consumer tag 'the one'/); // spec: C15
  await end;
  const again = await amqp.connect(url);
  await again.close();
}

async function main() {
  const connection = await amqp.connect(url, { clientProperties: { connection_name: 'interop amqplib' } });
  for (const test of [queuesAndAcks, prefetch, confirms, headers, channelErrors, rejected, consumerCancelled,
    serverCloses]) {
    const started = Date.now();
    const late = setTimeout(() => {
      console.log(`FAILED ${test.name}: not finished within 20 s`);
      process.exit(1);
    }, 20000);
    try {
      await test(connection);
    } catch (error) {
      console.log(`FAILED ${test.name}: ${error.stack}`);
      process.exit(1);
    }
    clearTimeout(late);
    console.log(`ok     ${test.name} (${(Date.now() - started) / 1000} s)`);
  }
  await connection.close();
}

main().catch((error) => {
  console.log(`FAILED: ${error.stack}`);
  process.exit(1);
});
