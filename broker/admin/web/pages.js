// Which address shows which page, and the menu: [name, text, tag that the API wants].
import { h, link } from "./dom.js";
import { overview } from "./overview.js";
import { channel, channels, connection, connections } from "./connections.js";
import { exchange, exchanges } from "./exchanges.js";
import { queues } from "./queues.js";
import { queue } from "./queue.js";
import { dead_letters } from "./dead_letters.js";
import { user, users } from "./users.js";
import { vhost, vhosts } from "./vhosts.js";
import { policies } from "./policies.js";
import { limits } from "./limits.js";
import { definitions } from "./definitions.js";
import { health } from "./health.js";

function missing() {
    return { title: "No such page", content: h("p", {}, link("Back to the overview", "overview")) };
}

export const pages = { overview, connections, connection, channels, channel, exchanges, exchange, queues, queue,
    "dead-letters": dead_letters, users, user, vhosts, vhost, policies, limits, definitions, health, missing };
Object.entries({ connection: "connections", channel: "channels", exchange: "exchanges", queue: "queues", user: "users",
    vhost: "vhosts" }).forEach(([page, entry]) => {
    pages[page].menu = entry;
});

export const menu = [
    ["", [["overview", "Overview", "management"], ["connections", "Connections", "management"],
        ["channels", "Channels", "management"], ["exchanges", "Exchanges", "management"],
        ["queues", "Queues", "management"], ["dead-letters", "Dead letters", "management"]]],
    ["Administration", [["users", "Users", "administrator"], ["vhosts", "Virtual hosts", "management"],
        ["policies", "Policies", "management"], ["limits", "Limits", "administrator"],
        ["definitions", "Definitions", "administrator"], ["health", "Health", "management"]]],
];
