// The node at a glance: what moves, what waits, what there is.
import * as api from "./api.js";
import { h, link, replace } from "./dom.js";
import { bytes, count, duration, rate } from "./format.js";
import { live_chart } from "./charts.js";
import { badge, facts, section, table } from "./parts.js";
import { History, RANGE } from "./rates.js";

const MESSAGE_RATES = [["Published", "publish"], ["Delivered", "deliver_get"], ["Acknowledged", "ack"],
    ["Confirmed", "confirm"], ["Redelivered", "redeliver"], ["Unroutable", "return_unroutable"]];
const LENGTHS = [["Ready", "messages_ready"], ["Unacknowledged", "messages_unacknowledged"]];
const OBJECTS = ["connections", "channels", "exchanges", "queues", "consumers"];

export function message_charts(history) {
    const rates = live_chart("Message rates", MESSAGE_RATES.map(([name, field]) => ({ name, format: rate,
        points: () => history.rates(field) })));
    const lengths = live_chart("Waiting messages", LENGTHS.map(([name, field]) => ({ name, format: count,
        points: () => history.lengths(field) })));
    return {
        element: h("div", { class: "two" }, rates.element, lengths.element),
        update(stats, totals) {
            MESSAGE_RATES.forEach(([, field]) => history.note(stats ?? {}, field));
            LENGTHS.forEach(([, field]) => history.note(totals ?? {}, field));
            rates.update();
            lengths.update();
        },
    };
}

export function overview(context) {
    const charts = message_charts(new History());
    const tiles = h("ul", { class: "tiles" });
    const node = section("Node"), node_facts = h("div");
    node.append(node_facts);
    const listeners = table({ caption: "Listeners", key: (row) => `${row.protocol} ${row.ip_address} ${row.port}`,
        columns: [{ title: "Protocol", cell: (row) => row.protocol },
            { title: "Address", cell: (row) => row.ip_address },
            { title: "Port", number: true, cell: (row) => row.port }] });

    async function refresh() {
        const all = await api.get("overview", RANGE);
        const nodes = context.may("monitoring") ? await api.get("nodes") : [];
        charts.update(all.message_stats, all.queue_totals);
        if (tiles.children.length === 0) {
            replace(tiles, OBJECTS.map((name) => h("li", {}, name === "consumers" ? tile(name)
                : h("a", { href: `#/${name}` }, tile(name)))));
        }
        for (const name of OBJECTS) {
            tiles.querySelector(`[data-total=${name}]`).textContent = count(all.object_totals[name]);
        }
        replace(node_facts, facts(node_entries(all, nodes[0])));
        listeners.update(all.listeners);
    }

    context.poll(refresh);
    return { title: "Overview", content: [tiles, charts.element,
        h("div", { class: "two" }, node, section("Listeners", listeners.element))] };
}

function tile(name) {
    return [h("strong", { "data-total": name }, "–"), h("span", {}, name[0].toUpperCase() + name.slice(1))];
}

// Beyond its limit publishers are blocked.
function resource(octets, limit, alarm) {
    return [bytes(octets), ` (${limit}) `, alarm ? badge("alarm: publishers are blocked", "bad") : null];
}

function node_entries(all, node) {
    const entries = [["Name", all.node], ["Cluster", all.cluster_name],
        ["Version", `Leveret ${all.leveret_version}, as RabbitMQ ${all.rabbitmq_version}`]];
    if (node) {
        entries.push(["Up for", duration(node.uptime)],
            ["Memory", resource(node.mem_used, `of ${bytes(node.mem_limit)}`, node.mem_alarm)],
            ["Free disk", resource(node.disk_free, `at least ${bytes(node.disk_free_limit)}`, node.disk_free_alarm)],
            ["File descriptors", `${count(node.fd_used)} of ${count(node.fd_total)}`],
            ["Processors", count(node.processors)], ["Health", link("checks", "health")]);
    }
    return entries;
}
