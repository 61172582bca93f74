// Messages as they come out of a queue: payload, properties, and for dead letters why they are here.
import { h } from "./dom.js";
import { exchange_title, time, value } from "./format.js";
import { badge, facts } from "./parts.js";

const REASONS = {
    rejected: "a consumer rejected it", expired: "its time was over", maxlen: "the queue was full",
    delivery_limit: "it was delivered too often",
};
// Headers that tell the message's own story in the broker, which is shown in words.
const MADE_BY_BROKER = /^x-(death|(first|last)-death-(exchange|queue|reason)|(delivery|acquired)-count)$/;

function own_headers(message) {
    return Object.entries(message.properties?.headers ?? {}).filter(([name]) => !MADE_BY_BROKER.test(name));
}

// Newest first: [{ reason, queue, exchange, routing-keys, count, time }].
export function deaths(message) {
    const list = message.properties?.headers?.["x-death"];
    return Array.isArray(list) ? list : [];
}

function death_story(vhost, list) {
    return h("div", { class: "deaths" }, h("h4", {}, "Why it is here"), h("ol", {}, list.map((death) => h("li", {},
        badge(death.reason, "warn"), ` ${REASONS[death.reason] ?? ""} in queue `,
        h("a", { href: `#/queue/${encodeURIComponent(vhost)}/${encodeURIComponent(death.queue)}` }, death.queue),
        ", published to ", h("strong", {}, exchange_title(death.exchange)), " with ",
        (death["routing-keys"] ?? []).map((key) => [h("code", {}, key), " "]),
        death.count > 1 ? `, ${death.count} times` : "",
        death.time ? ` (${time(death.time * 1000)})` : ""))));
}

function pretty(message) {
    if (message.payload_encoding !== "string" || !/^\s*[[{]/.test(message.payload)) {
        return message.payload;
    }
    try {
        return JSON.stringify(JSON.parse(message.payload), null, 2);
    } catch {
        return message.payload;
    }
}

// `label`: what the message is called; `choice`: an element in front of it.
export function message_card(vhost, message, label, choice = null) {
    const { headers, ...properties } = message.properties ?? {};
    const list = deaths(message);
    return h("article", { class: "message", "aria-label": label },
        h("header", {}, choice, h("strong", {}, label),
            h("span", {}, exchange_title(message.exchange), " → ", h("code", {}, message.routing_key)),
            message.redelivered ? badge("redelivered") : null,
            message.payload_encoding === "base64" ? badge("base64") : null,
            h("span", { class: "spread" }), h("small", {}, `${message.payload_bytes} bytes`)),
        list.length > 0 ? death_story(vhost, list) : null,
        h("pre", { tabindex: "0", "aria-label": "Payload" }, pretty(message)),
        facts([...Object.entries(properties), ...own_headers(message)].map(([name, each]) => [name, value(each)])));
}
