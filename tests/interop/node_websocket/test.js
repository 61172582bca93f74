'use strict';
// AMQP over WebSocket with CloudAMQP's client, which was written for browsers and LavinMQ; `ws` is its browser. A
// failed assertion ends the run with exit code 1.
const assert = require('node:assert/strict');
const WebSocket = require('ws');
const { AMQPWebSocketClient } = require('@cloudamqp/amqp-client/amqp-websocket-client');

globalThis.WebSocket = WebSocket;
const url = process.env.MGMT_URL.replace(/^http/, 'ws');
const unique = (name) => `interop.${process.pid}.${name}`;

async function connected(path, use) {
  const client = new AMQPWebSocketClient({ url: url + path, name: 'interop' });
  const connection = await client.connect();
  await use(await connection.channel(), connection);
  await connection.close();
}

async function listed(name) {
  const headers = { Authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
  const answer = await fetch(`${process.env.MGMT_URL}/api/connections`, { headers });
  return (await answer.json()).filter((connection) => connection.user_provided_name === name);
}

// As many messages as there are bodies, in their order, each acknowledged.
async function consumeAll(channel, queue, count) {
  const bodies = [];
  await channel.prefetch(10);
  await new Promise((resolve, reject) => {
    channel.basicConsume(queue, { noAck: false }, (message) => {
      bodies.push(Buffer.from(message.body ?? []));
      message.ack().catch(reject);
      if (bodies.length === count) resolve();
    }).catch(reject);
  });
  return bodies;
}

async function publishAndConsume() {
  await connected('/ws', async (channel, connection) => {
    const queue = unique('queue');
    await channel.queueDeclare(queue, { durable: true, autoDelete: false });
    await channel.confirmSelect();
    const bodies = [0, 1, 125, 126, 8184, 65535, 65536, 1000000].map((size) => Buffer.alloc(size, `${size}`));
    for (let i = 0; i < 200; ++i) bodies.push(Buffer.from(String(i)));
    await Promise.all(bodies.map((body) => channel.basicPublish('', queue, body, { deliveryMode: 2 })));
    const received = await consumeAll(channel, queue, bodies.length);
    bodies.forEach((body, i) => assert.ok(body.equals(received[i]), `message ${i} of ${body.length} octets`));
    assert.equal((await channel.queueDelete(queue)).messageCount, 0);
    const [own] = await listed('interop');
    assert.equal(own.protocol, 'AMQP 0-9-1');
    assert.equal(own.port, Number(new URL(process.env.MGMT_URL).port));
    assert.ok(connection.channels.length >= 2);
  });
}

async function otherPath() {
  await connected('/ws/amqp', async (channel) => {
    const { name } = await channel.queueDeclare('', { exclusive: true });
    assert.match(name, /^amq\.gen-/);
  });
}

async function errorsArrive() {
  await connected('/ws', async (channel) => {
    await assert.rejects(channel.queueDeclare(unique('missing'), { passive: true }), /NOT_FOUND/);
  });
  const wrong = new AMQPWebSocketClient({ url: `${url}/ws`, username: 'guest', password: 'wrong', logger: null });
  await assert.rejects(wrong.connect(), /ACCESS_REFUSED/);
}

const closed = (socket) => new Promise((resolve) => socket.on('close', (code) => resolve(code)));
const refused = (socket) => new Promise((resolve) => socket.on('unexpected-response', (_, answer) => resolve(answer)));

async function handshake() {
  const agreed = new WebSocket(`${url}/ws`, ['mqtt', 'amqp'], { perMessageDeflate: true });
  await new Promise((resolve) => agreed.on('open', resolve));
  assert.equal(agreed.protocol, 'amqp');
  assert.equal(agreed.extensions, '');
  const pong = new Promise((resolve) => agreed.on('pong', resolve));
  agreed.ping('hare');
  assert.equal(String(await pong), 'hare');
  const end = closed(agreed);
  agreed.send('AMQP as text');
  assert.equal(await end, 1003);
  assert.equal((await refused(new WebSocket(`${url}/ws`, ['mqtt']))).statusCode, 400);
  assert.equal((await refused(new WebSocket(`${url}/ws`, { origin: 'https://fox.example' }))).statusCode, 403);
  assert.equal((await refused(new WebSocket(`${url}/elsewhere`))).statusCode, 401);
}

async function main() {
  const late = setTimeout(() => {
    console.log('FAILED: not done in time');
    process.exit(1);
  }, 60000);
  for (const test of [publishAndConsume, otherPath, errorsArrive, handshake]) {
    await test();
    console.log(`ok     ${test.name}`);
  }
  clearTimeout(late);
}

main().catch((error) => {
  console.log(`FAILED: ${error.stack}`);
  process.exit(1);
});
