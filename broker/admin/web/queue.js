// One queue: what is in it and what can be done with that.
import * as api from "./api.js";
import { h, link, place, replace } from "./dom.js";
import { bytes, count } from "./format.js";
import { binding_form, binding_table } from "./bindings.js";
import { browse } from "./browse.js";
import { features } from "./exchanges.js";
import { message_charts } from "./overview.js";
import { message_card } from "./messages.js";
import { badge, confirm, doing, facts, form, say, section, table } from "./parts.js";
import { publish_form } from "./publish.js";
import { History, RANGE } from "./rates.js";
import { settings_form, show_settings } from "./settings.js";

const MODES = [["ack_requeue_true", "Look at them, leave them in the queue"],
    ["ack_requeue_false", "Take them out of the queue"], ["reject_requeue_false", "Reject them (dead-letter or drop)"]];

export function queue(context) {
    const [vhost, name] = context.segments;
    const target = api.path("queues", vhost, name);
    const charts = message_charts(new History());
    const about = h("div"), options = h("div");
    const bindings = binding_table({ caption: "Bindings to this queue", side: "source", after: () => refresh() });
    const consumers = table({ caption: "Consumers", columns: consumer_columns, empty: "No consumers.",
        key: (row) => `${row.channel_details.name} ${row.consumer_tag}` });

    const refresh = context.poll(async () => {
        const one = await api.get(target, RANGE);
        charts.update(one.message_stats, one);
        replace(about, facts(queue_facts(one)));
        show_settings(options, await api.get(api.path("queues", vhost, name, "effective")), one.arguments);
        consumers.update(one.consumer_details ?? []);
        bindings.update(await api.get(api.path("queues", vhost, name, "bindings")));
    });

    return { title: `Queue ${name}`, content: [charts.element,
        h("div", { class: "two" }, section("Details", about), section("Arguments and policy", options,
            h("h3", {}, "Change"), settings_form(vhost, name, refresh))),
        section("Look through the messages", browse(vhost, name, refresh)),
        get_section(vhost, name, refresh),
        h("div", { class: "two" }, section("Publish a message", publish_form({ vhost, queue: name, after: refresh })),
            h("div", {}, section("Consumers", consumers.element), section("Bindings", bindings.element,
                h("h3", {}, "Add a binding"), binding_form({ vhost, queue: name, after: refresh })))),
        section("Purge and delete", h("div", { class: "actions" },
            doing("Purge messages", async () => {
                if (await confirm({ title: "Purge this queue?", action: "Purge messages",
                    text: `All ready messages of ${name} are deleted.` })) {
                    await api.remove(api.path("queues", vhost, name, "contents"));
                    say("Queue purged");
                    refresh();
                }
            }, "danger"),
            doing("Delete queue", async () => {
                if (await confirm({ title: "Delete this queue?", text: `${name}, with all its messages.`,
                    action: "Delete queue" })) {
                    await api.remove(target);
                    say("Queue deleted");
                    location.hash = place("queues");
                }
            }, "danger")))] };
}

function queue_facts(one) {
    const owner = one.owner_pid_details?.name;
    return [["Virtual host", one.vhost], ["Type", one.type], ["State", badge(one.state, "good")],
        ["Features", features(one)], owner ? ["Owner", link(owner, "connection", owner)] : null,
        ["Messages", count(one.messages)], ["Size of messages", bytes(one.message_bytes)],
        ["In memory", `${count(one.messages_ram)} messages`], ["Memory", bytes(one.memory)],
        ["Consumers", count(one.consumers)], one.single_active_consumer_tag
            ? ["Active consumer", one.single_active_consumer_tag] : null].filter(Boolean);
}

const consumer_columns = [
    { title: "Tag", cell: (row) => row.consumer_tag },
    { title: "Channel", cell: (row) => link(row.channel_details.name, "channel", row.channel_details.name) },
    { title: "Prefetch", number: true, cell: (row) => count(row.prefetch_count) },
    { title: "Acks", cell: (row) => (row.ack_required ? "yes" : "no") },
    { title: "Activity", cell: (row) => badge(row.activity_status, row.active ? "good" : "") },
];

function get_section(vhost, name, refresh) {
    const shown = h("div", { class: "messages", "aria-live": "polite" });
    const get = form({ kind: "row", submit: "Get messages", fields: [
        { name: "ackmode", label: "What to do", type: "select", options: MODES, wide: true },
        { name: "count", label: "How many", type: "number", value: "10", min: 1, max: 1000 },
        { name: "encoding", label: "Payload", type: "select", options: [["auto", "text if it is"], "base64"] },
    ], on_submit: async (values) => {
        const messages = await api.post(api.path("queues", vhost, name, "get"),
            { ...values, count: Number(values.count), truncate: 50_000 });
        replace(shown, messages.length === 0 ? h("p", { class: "empty" }, "The queue is empty.")
            : messages.map((message, i) => message_card(vhost, message, `Message ${i + 1}`)));
        refresh();
    } });
    return section("Take messages out", get, shown);
}
