// The health checks of the API, one row each.
import * as api from "./api.js";
import { h } from "./dom.js";
import { badge, section, table } from "./parts.js";

const CHECKS = [
    ["alarms", "No alarm anywhere"], ["local-alarms", "No alarm on this node"],
    ["virtual-hosts", "All virtual hosts run"], ["is-in-service", "The node serves clients"],
    ["ready-to-serve-clients", "Ready to serve clients"],
    ["below-node-connection-limit", "Below the limit of connections"],
    ["certificate-expiration/1/months", "No certificate expires within a month"],
    ["protocol-listener/amqp", "Listens for AMQP"], ["node-is-quorum-critical", "No quorum is at risk"],
];

async function ask([check, title]) {
    try {
        await api.get(`health/checks/${check}`);
        return { check, title, well: true, reason: "" };
    } catch (problem) {
        return { check, title, well: false, reason: problem.message };
    }
}

export function health(context) {
    const rows = table({ caption: "Health checks", key: (row) => row.check, columns: [
        { title: "Check", cell: (row) => row.title },
        { title: "Result", cell: (row) => badge(row.well ? "well" : "failed", row.well ? "good" : "bad") },
        { title: "Reason", cell: (row) => row.reason },
        { title: "For scripts", cell: (row) => h("code", {}, `GET /api/health/checks/${row.check}`) }] });
    context.poll(async () => rows.update(await Promise.all(CHECKS.map(ask))), 10_000);
    return { title: "Health", content: section("Checks", rows.element) };
}
