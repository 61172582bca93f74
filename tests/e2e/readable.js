// Texts that are hard to read: contrast below WCAG's AA, 4.5 to 1, or 3 to 1 where letters are large.
"use strict";

// In the page: every text with the colour behind it, as far as that is a plain colour.
function unreadable_texts() {
    const channels = (colour) => {
        const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
        return { rgb: [red, green, blue], alpha };
    };
    const over = (front, back) => front.rgb.map((one, i) => one * front.alpha + back[i] * (1 - front.alpha));
    const behind = (element) => {
        if (element === null) {
            return [255, 255, 255];
        }
        const own = channels(getComputedStyle(element).backgroundColor);
        return own.alpha === 1 ? own.rgb : over(own, behind(element.parentElement));
    };
    const luminance = (rgb) => {
        const [red, green, blue] = rgb.map((one) => one / 255)
            .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (node.textContent.trim() === "" || !element.checkVisibility() ||
            element.closest(".unseen, .skip, :disabled, [aria-disabled=true], svg, noscript")) {
            continue;
        }
        const style = getComputedStyle(element), ground = behind(element);
        const [lighter, darker] = [luminance(over(channels(style.color), ground)), luminance(ground)]
            .sort((a, b) => b - a);
        const size = parseFloat(style.fontSize);
        const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        const contrast = (lighter + 0.05) / (darker + 0.05);
        if (contrast < wanted) {
            found.push(`${node.textContent.trim().slice(0, 40)}: ${contrast.toFixed(2)} of ${wanted}`);
        }
    }
    return [...new Set(found)];
}

module.exports = { unreadable_texts };
