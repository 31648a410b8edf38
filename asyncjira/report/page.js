const specs = JSON.parse(document.getElementById("charts").textContent);
const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false };
const drawn = Object.entries(specs).map(([name, spec]) => vegaEmbed(`#chart-${name}`, spec, options));
Promise.all(drawn).then(() => (document.body.dataset.drawn = drawn.length));
