// Connections and channels: lists, and one of each.
import * as api from "./api.js";
import { h, link, place, replace } from "./dom.js";
import { bytes, count, rate, time, value } from "./format.js";
import { live_chart } from "./charts.js";
import { paged_list } from "./list.js";
import { badge, confirm, facts, form, say, section, table } from "./parts.js";
import { History } from "./rates.js";

const state_badge = (state) => badge(state, state === "running" ? "good" : "warn");

function scoped(context, kind) {
    return context.vhost ? api.path("vhosts", context.vhost, kind) : kind;
}

export function connections(context) {
    const columns = [
        { title: "Name", sort: "name", cell: (row) => [link(row.name, "connection", row.name),
            row.user_provided_name ? h("small", {}, row.user_provided_name) : null] },
        { title: "Virtual host", sort: "vhost", cell: (row) => row.vhost },
        { title: "User", sort: "user", cell: (row) => row.user },
        { title: "State", sort: "state", cell: (row) => state_badge(row.state) },
        { title: "Channels", sort: "channels", number: true, cell: (row) => count(row.channels) },
        { title: "From client", sort: "recv_oct", number: true, cell: (row) => bytes(row.recv_oct) },
        { title: "To client", sort: "send_oct", number: true, cell: (row) => bytes(row.send_oct) },
    ];
    const list = paged_list(context, { caption: "Connections", columns, key: (row) => row.name,
        target: scoped(context, "connections"), empty: "Nobody is connected." });
    return { title: "Connections", content: list.element };
}

export function connection(context) {
    const [name] = context.segments;
    const history = new History();
    const chart = live_chart("Traffic", [["From client", "recv_oct"], ["To client", "send_oct"]].map(
        ([title, field]) => ({ name: title, format: (y) => `${bytes(y)}/s`, points: () => history.rates(field) })));
    const about = h("div"), client = h("div");
    const list = table({ caption: "Channels", columns: channel_columns, key: (row) => row.name,
        empty: "No channels." });

    context.poll(async () => {
        const one = await api.get(api.path("connections", name));
        history.note(one, "recv_oct");
        history.note(one, "send_oct");
        chart.update();
        replace(about, facts([["State", state_badge(one.state)], ["User", one.user], ["Virtual host", one.vhost],
            ["Client", `${one.peer_host}:${one.peer_port}`], ["Protocol", one.protocol],
            ["Login by", one.auth_mechanism], ["TLS", one.ssl ? "yes" : "no"], ["Connected", time(one.connected_at)],
            ["Heartbeat", `${one.timeout} s`], ["Frame size", bytes(one.frame_max)],
            ["Channels at most", one.channel_max]]));
        replace(client, facts(Object.entries(one.client_properties).map(([key, each]) => [key, value(each)])));
        list.update(await api.get(api.path("connections", name, "channels")));
    });

    const close = form({ kind: "row", submit: "Close connection",
        fields: [{ name: "reason", label: "Reason", placeholder: "told to the client", wide: true }],
        on_submit: async ({ reason }) => {
            if (await confirm({ title: "Close this connection?", text: name, action: "Close connection" })) {
                await api.remove(api.path("connections", name), { headers: reason ? { "X-Reason": reason } : {} });
                say("Connection closed");
                location.hash = place("connections");
            }
        } });
    return { title: `Connection ${name}`, content: [chart.element, h("div", { class: "two" },
        section("Details", about), section("Client properties", client)), section("Channels", list.element),
    section("Close", close)] };
}

const channel_columns = [
    { title: "Channel", sort: "name", cell: (row) => link(row.name, "channel", row.name) },
    { title: "Virtual host", sort: "vhost", cell: (row) => row.vhost },
    { title: "User", sort: "user", cell: (row) => row.user },
    { title: "Mode", cell: (row) => [row.confirm ? badge("confirm") : null, row.transactional ? badge("tx") : null] },
    { title: "State", sort: "state", cell: (row) => state_badge(row.state) },
    { title: "Consumers", sort: "consumer_count", number: true, cell: (row) => count(row.consumer_count) },
    { title: "Prefetch", sort: "prefetch_count", number: true, cell: (row) => count(row.prefetch_count) },
    { title: "Unacked", sort: "messages_unacknowledged", number: true,
        cell: (row) => count(row.messages_unacknowledged) },
    { title: "Unconfirmed", sort: "messages_unconfirmed", number: true,
        cell: (row) => count(row.messages_unconfirmed) },
];

export function channels(context) {
    const list = paged_list(context, { caption: "Channels", columns: channel_columns, key: (row) => row.name,
        target: scoped(context, "channels"), empty: "No channels are open." });
    return { title: "Channels", content: list.element };
}

export function channel(context) {
    const [name] = context.segments;
    const history = new History();
    const counters = [["Published", "publish"], ["Delivered", "deliver_get"], ["Acknowledged", "ack"],
        ["Confirmed", "confirm"]];
    const chart = live_chart("Message rates", counters.map(([title, field]) => ({ name: title, format: rate,
        points: () => history.rates(field) })));
    const about = h("div");
    const consumers = table({ caption: "Consumers", key: (row) => row.consumer_tag, empty: "No consumers.", columns: [
        { title: "Tag", cell: (row) => row.consumer_tag },
        { title: "Queue", cell: (row) => link(row.queue.name, "queue", row.queue.vhost, row.queue.name) },
        { title: "Prefetch", number: true, cell: (row) => count(row.prefetch_count) },
        { title: "Acks", cell: (row) => (row.ack_required ? "yes" : "no") }] });
    context.poll(async () => {
        const one = await api.get(api.path("channels", name));
        counters.forEach(([, field]) => history.note(one.message_stats ?? {}, field));
        chart.update();
        replace(about, facts([["Connection", link(one.connection_details.name, "connection",
            one.connection_details.name)], ["User", one.user], ["Virtual host", one.vhost],
        ["State", state_badge(one.state)], ["Confirms", one.confirm ? "yes" : "no"],
        ["Transactional", one.transactional ? "yes" : "no"], ["Prefetch", count(one.prefetch_count)],
        ["Prefetch of the channel", count(one.global_prefetch_count)],
        ["Unacknowledged", count(one.messages_unacknowledged)], ["Unconfirmed", count(one.messages_unconfirmed)]]));
        consumers.update(one.consumer_details ?? []);
    });
    return { title: `Channel ${name}`, content: [chart.element, section("Details", about),
        section("Consumers", consumers.element)] };
}
