// Which queues dead-letter, and where that goes: the queues to look into when something went wrong.
import * as api from "./api.js";
import { h, link } from "./dom.js";
import { count, exchange_title } from "./format.js";
import { badge, section, table } from "./parts.js";

const MOST = 500; // queues looked at, of each virtual host

function dead_letter_rule(queue) {
    const policy = queue.effective_policy_definition ?? {};
    const exchange = queue.arguments["x-dead-letter-exchange"] ?? policy["dead-letter-exchange"];
    const key = queue.arguments["x-dead-letter-routing-key"] ?? policy["dead-letter-routing-key"];
    return exchange === undefined ? null : { exchange, key };
}

// What an exchange may route a dead letter to, without asking which of its bindings match.
function targets(vhost, { exchange, key }, bindings) {
    if (exchange === "") {
        return key === undefined ? [] : [key];
    }
    return [...new Set(bindings.filter((binding) => binding.vhost === vhost && binding.source === exchange &&
        binding.destination_type === "queue").map((binding) => binding.destination))];
}

async function read(vhosts) {
    const all = [];
    for (const vhost of vhosts) {
        const { items } = await api.get(api.path("queues", vhost), { page: 1, page_size: MOST });
        const bindings = await api.get(api.path("bindings", vhost));
        const waiting = new Map(items.map((queue) => [queue.name, queue.messages]));
        for (const queue of items) {
            const rule = dead_letter_rule(queue);
            if (rule) {
                all.push({ vhost, name: queue.name, ...rule, to: targets(vhost, rule, bindings)
                    .map((target) => ({ name: target, messages: waiting.get(target) })) });
            }
        }
    }
    return all;
}

export function dead_letters(context) {
    const rules = table({ caption: "Queues that dead-letter", key: (row) => `${row.vhost} ${row.name}`,
        empty: "No queue has a dead letter exchange.", columns: [
            { title: "Queue", cell: (row) => link(row.name, "queue", row.vhost, row.name) },
            { title: "Virtual host", cell: (row) => row.vhost },
            { title: "Dead letter exchange", cell: (row) => link(exchange_title(row.exchange), "exchange", row.vhost,
                row.exchange) },
            { title: "Routing key", cell: (row) => (row.key === undefined ? h("small", {}, "the message's own")
                : h("code", {}, row.key)) },
            { title: "Goes to", cell: (row) => (row.to.length === 0 ? badge("nowhere: lost", "bad")
                : row.to.map(({ name }) => [link(name, "queue", row.vhost, name), " "])) }] });
    const graves = table({ caption: "Dead letter queues", key: (row) => `${row.vhost} ${row.name}`,
        empty: "No queue takes dead letters.", columns: [
            { title: "Queue", cell: (row) => link(row.name, "queue", row.vhost, row.name) },
            { title: "Virtual host", cell: (row) => row.vhost },
            { title: "Messages", number: true, cell: (row) => (row.messages === undefined ? badge("not there", "bad")
                : row.messages === 0 ? "0" : badge(count(row.messages), "warn")) },
            { title: "Takes from", cell: (row) => row.from.join(", ") }] });

    context.poll(async () => {
        const all = await read(context.vhost ? [context.vhost] : context.vhosts);
        const queues = new Map();
        for (const rule of all) {
            for (const { name, messages } of rule.to) {
                const id = JSON.stringify([rule.vhost, name]);
                const grave = queues.get(id) ?? { vhost: rule.vhost, name, messages, from: [] };
                grave.from.push(rule.name);
                queues.set(id, grave);
            }
        }
        graves.update([...queues.values()].sort((a, b) => (b.messages ?? 0) - (a.messages ?? 0)));
        rules.update(all);
    }, 5000);
    return { title: "Dead letters", content: [
        h("p", { class: "muted" }, "Look through a dead letter queue to see why each message is there, and to ",
            `send them back. The first ${MOST} queues of each virtual host are looked at.`),
        section("Dead letter queues", graves.element), section("Queues that dead-letter", rules.element)] };
}
