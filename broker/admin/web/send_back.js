// Sends dead letters back where they came from, with nothing but get and publish: each is first looked at and given
// back, then published, and taken only when that copy has arrived. What fails in between leaves two copies, never none.
import * as api from "./api.js";
import { deaths, own_headers } from "./messages.js";

const ROUTES_AGAIN = ["CC", "BCC"]; // went where they said the first time

function get_one(vhost, queue, ackmode) {
    return api.post(api.path("queues", vhost, queue, "get"), { count: 1, ackmode, encoding: "base64" });
}

function is_same(one, other) {
    const essence = (message) => JSON.stringify([message.payload, message.exchange, message.routing_key,
        { ...message.properties, headers: own_headers(message) }, deaths(message)]);
    return essence(one) === essence(other);
}

// how: "queue", the queue that it left, or "exchange", to which it was published.
async function publish_again(vhost, message, how, user) {
    const [death] = deaths(message);
    const { headers, user_id, ...properties } = message.properties;
    const kept = own_headers(message).filter(([name]) => !(how === "queue" && ROUTES_AGAIN.includes(name)));
    const to_queue = how === "queue";
    const answer = await api.post(api.exchange_path(vhost, to_queue ? "" : death.exchange, "publish"), {
        properties: { ...properties, ...(user_id === user ? { user_id } : {}), headers: Object.fromEntries(kept) },
        routing_key: to_queue ? death.queue : death["routing-keys"]?.[0] ?? "",
        payload: message.payload, payload_encoding: "base64" });
    if (!answer.routed) {
        throw new Error(to_queue ? `There is no queue ${death.queue} any more.`
            : `No queue takes what is published to ${death.exchange || "the default exchange"} now.`);
    }
}

// Returns how many were sent; on_progress(sent) after each. Stops at what is no dead letter.
export async function send_back({ vhost, queue, most, how, user, on_progress, is_over }) {
    let sent = 0;
    while (sent < most && !is_over()) {
        const [seen] = await get_one(vhost, queue, "ack_requeue_true");
        if (!seen) {
            break;
        }
        if (deaths(seen).length === 0) {
            throw new Error(`${sent} sent back. The next message does not say where it came from (no x-death header).`);
        }
        await publish_again(vhost, seen, how, user);
        const [taken] = await get_one(vhost, queue, "ack_requeue_false");
        if (taken && !is_same(taken, seen)) { // somebody else was faster with the one we saw
            await publish_again(vhost, taken, deaths(taken).length > 0 ? how : "queue", user);
        }
        sent += 1;
        on_progress(sent);
    }
    return sent;
}
