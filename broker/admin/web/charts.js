// A line chart over the last minutes with a legend that is text, so that it can be read without seeing the lines.
import { h, replace } from "./dom.js";
import { section } from "./parts.js";

const COLOURS = ["#0d9488", "#ea580c", "#6366f1", "#db2777", "#ca8a04", "#0284c7"];
const GRID = "rgba(128, 128, 128, 0.18)", TICK = "#8a8f98";

// series: { name, points() -> [{x, y}], format(y) }
export function live_chart(title, series) {
    const canvas = h("canvas", { role: "img" });
    const legend = h("ul", { class: "legend" });
    const element = section(title, h("div", { class: "chart" }, canvas), legend);
    element.classList.add("live");
    let chart = null;

    function make() {
        return new window.Chart(canvas, {
            type: "line",
            data: { datasets: series.map((one, i) => ({ label: one.name, data: [], borderColor: COLOURS[i],
                backgroundColor: COLOURS[i], borderWidth: 2, pointRadius: 0, tension: 0.25 })) },
            options: {
                animation: false, parsing: false, responsive: true, maintainAspectRatio: false,
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: { legend: { display: false },
                    tooltip: { callbacks: { title: ([item]) => new Date(item.parsed.x).toLocaleTimeString() } } },
                scales: {
                    x: { type: "linear", grid: { color: GRID }, ticks: { color: TICK, maxTicksLimit: 4, maxRotation: 0,
                        callback: (x) => new Date(x).toLocaleTimeString() } },
                    y: { beginAtZero: true, suggestedMax: 1, grid: { color: GRID },
                        ticks: { color: TICK, maxTicksLimit: 5,
                            callback: (y) => Intl.NumberFormat("en", { notation: "compact" }).format(y) } },
                },
            },
        });
    }

    function update() {
        chart ??= window.Chart && canvas.isConnected ? make() : null;
        const now = Date.now();
        const latest = series.map((one, i) => {
            const points = one.points();
            if (chart) {
                chart.data.datasets[i].data = points;
            }
            return one.format(points.at(-1)?.y ?? 0);
        });
        if (chart) {
            const first = Math.min(now - 60_000, ...series.map((one) => one.points()[0]?.x ?? now));
            chart.options.scales.x.min = Math.max(now - 300_000, first);
            chart.options.scales.x.max = now;
            chart.update("none");
        }
        canvas.setAttribute("aria-label", `${title}: ` + series.map((one, i) => `${one.name} ${latest[i]}`).join(", "));
        replace(legend, series.map((one, i) => h("li", { class: `series-${i}` }, one.name, " ",
            h("strong", {}, latest[i]))));
    }

    return { element, update };
}
