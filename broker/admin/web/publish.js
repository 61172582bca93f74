// The form that publishes a message, to an exchange or straight to a queue.
import * as api from "./api.js";
import { parse_arguments } from "./format.js";
import { form, say } from "./parts.js";

// Texts of the form to basic.properties; what is empty is not sent.
function properties_of(values) {
    const properties = { headers: parse_arguments(values.headers), delivery_mode: values.persistent ? 2 : 1 };
    for (const name of ["content_type", "message_id", "correlation_id", "reply_to", "expiration"]) {
        if (values[name]) {
            properties[name] = values[name];
        }
    }
    if (values.priority !== "") {
        properties.priority = Number(values.priority);
    }
    return properties;
}

// `queue`: publishes to the default exchange with that key.
export function publish_form({ vhost, exchange, queue, after = () => {} }) {
    const key = queue === undefined ? [{ name: "routing_key", label: "Routing key" }] : [];
    const fields = [...key,
        { name: "payload", label: "Payload", type: "textarea", wide: true, rows: 4 },
        { name: "persistent", label: "Persistent", type: "checkbox", value: true },
        { name: "headers", label: "Headers", type: "textarea", rows: 2, help: "One a line: name = value." },
        { name: "content_type", label: "Content type", placeholder: "text/plain" },
        { name: "priority", label: "Priority", type: "number", min: 0, max: 255 },
        { name: "expiration", label: "Expires after (ms)" },
        { name: "correlation_id", label: "Correlation id" },
        { name: "reply_to", label: "Reply to" },
    ];
    return form({ submit: "Publish", fields, on_submit: async (values) => {
        const { routed } = await api.post(api.exchange_path(vhost, queue === undefined ? exchange : "", "publish"), {
            routing_key: queue ?? values.routing_key, payload: values.payload, payload_encoding: "string",
            properties: properties_of(values) });
        if (!routed) {
            throw new Error("Published, but no queue wanted it: the message is gone.");
        }
        say("Message published");
        after();
    } });
}
