"use strict";
// Interactive scatter plots. The data stands in the page (see html/data.rs); nothing is loaded.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const floats = ({ bits, data }) => new (bits === 32 ? Float32Array : Float64Array)(bytes(data).buffer);
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  // As the rest of the page writes numbers: true minus signs, no plus signs.
  const signs = (text) => text.replace("e+", "e").replaceAll("-", "−");
  const show = (number) => {
    const size = Math.abs(number);
    return signs(size !== 0 && (size < 1e-3 || size >= 1e6) ? number.toExponential(3) : String(Number(number.toPrecision(5))));
  };

  function unpack(packed) {
    const { parts, words, bar } = packed.architectures;
    const place = (letter) => (letter <= "9" ? letter.charCodeAt(0) - 48 : letter >= "a" ? letter.charCodeAt(0) - 87 : letter.charCodeAt(0) - 29);
    const names = parts ? words.split(" ").map((word) => [...word].map((letter) => parts[place(letter)]).join(bar)) : packed.architectures;
    return {
      ...packed,
      names,
      index: packed.index && new Uint32Array(bytes(packed.index).buffer),
      values: floats(packed.values),
      dead: packed.dead && bytes(packed.dead),
      depth: packed.depth && bytes(packed.depth),
      connected: packed.connected && bytes(packed.connected),
      proxies: packed.proxies.map((proxy) => ({ ...proxy, scores: floats(proxy.scores) })),
    };
  }

  // Average ranks, as fractions from 0 to 1; missing numbers stay missing.
  function ranks(numbers) {
    const order = [...numbers.keys()].filter((i) => !Number.isNaN(numbers[i])).sort((a, b) => numbers[a] - numbers[b]);
    const out = new Float64Array(numbers.length).fill(NaN);
    for (let start = 0; start < order.length; ) {
      let end = start;
      while (end < order.length && numbers[order[end]] === numbers[order[start]]) end++;
      for (let k = start; k < end; k++) out[order[k]] = (start + end - 1) / 2 / Math.max(1, order.length - 1);
      start = end;
    }
    return out;
  }

  // Where numbers stand on an axis (0 to 1), with labelled ticks. On a linear one, numbers up to the first gutter's limit and from
  // the second's on stand beside the others: they are so far off that they would squeeze them together (see plots/axis.rs).
  function axis(numbers, scale, gutters) {
    if (scale === "rank") {
      return { at: ranks(numbers), ticks: [0, 0.25, 0.5, 0.75, 1].map((t) => [0.02 + 0.96 * t, `${t * 100} %`]), place: (t) => 0.02 + 0.96 * t };
    }
    const forward = { linear: (x) => x, log: (x) => (x > 0 ? Math.log10(x) : NaN), error: (x) => -Math.log10(100 - x) }[scale];
    const at = Float64Array.from(numbers, forward);
    const limits = { linear: gutters, log: [0] }[scale] ?? [];
    // Rounded as the numbers are.
    const [below, above] = numbers.constructor.from(limits, (limit) => limit ?? NaN);
    let low = Infinity, high = -Infinity, under = false, over = false;
    numbers.forEach((number, i) => {
      if (number <= below) return (under = true);
      if (number >= above) return (over = true);
      if (at[i] < low) low = at[i];
      if (at[i] > high) high = at[i];
    });
    if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
    const margin = 0.03 * (high - low);
    const [floor, ceiling] = [low - 0.08 * (high - low), high + 0.08 * (high - low)];
    numbers.forEach((number, i) => { if (number <= below) at[i] = floor; else if (number >= above) at[i] = ceiling; });
    const [start, end] = [(under ? floor : low) - margin, (over ? ceiling : high) + margin];
    const place = (x) => (x - start) / (end - start);
    let ticks = [];
    if (scale === "linear") {
      const rough = (high - low) / 6;
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
      if (under) ticks.push([place(floor), `≤ ${show(below)}`]);
      const [first, last] = [under ? low : start, over ? high : end];
      for (let x = Math.ceil(first / step) * step; x <= last; x += step) ticks.push([place(x), show(Math.abs(x) < step / 1e6 ? 0 : x)]);
      if (over) ticks.push([place(ceiling), `≥ ${show(above)}`]);
    } else if (scale === "log") {
      const step = Math.max(1, Math.ceil((high - low) / 6));
      if (under) ticks.push([place(floor), "≤ 0"]);
      for (let p = Math.ceil(low / step) * step; p <= end; p += step) ticks.push([place(p), Math.abs(p) < 5 ? show(10 ** p) : signs(`1e${p}`)]);
    } else {
      for (const x of [1, 10, 20, 30, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 88, 90, 92, 94, 96, 98]) {
        const t = place(forward(x));
        if (t >= 0 && t <= 1 && !(ticks.length && t - ticks.at(-1)[0] < 0.055)) ticks.push([t, String(x)]);
      }
    }
    return { at, ticks, place };
  }

  function ramp(count) {
    const stops = css("--ramp").split(/\s+/).map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
    return Array.from({ length: count }, (_, k) => {
      const x = (count > 1 ? k / (count - 1) : 0) * (stops.length - 1);
      const i = Math.min(Math.floor(x), stops.length - 2);
      return `rgb(${stops[i].map((a, c) => Math.round(a + (stops[i + 1][c] - a) * (x - i))).join(" ")})`;
    });
  }

  class Scatter {
    constructor(root, data) {
      Object.assign(this, { root, data, proxy: 0, colour: data.dead ? "dead" : data.depth ? "depth" : "none", only: null, picked: null });
      const subject = data.proxies.findIndex((proxy) => proxy.name === "zico");
      this.proxy = Math.max(0, subject);
      this.yScale = data.up.scale;
      this.canvas = root.querySelector(".stage canvas");
      this.tip = root.querySelector(".tip");
      this.readout = root.querySelector(".readout");
      // Drawn in an order that has nothing to do with colour.
      this.order = [...data.values.keys()].sort((a, b) => ((a * 2654435761) >>> 0) - ((b * 2654435761) >>> 0));
      this.buildThumbs();
      this.buildControls();
      this.listen();
      this.choose(this.proxy);
    }

    buildThumbs() {
      this.thumbs = this.data.proxies.map((proxy, k) => {
        const button = element("button", { type: "button", onclick: () => this.choose(k) }, element("canvas"), element("b", { textContent: proxy.name }), element("span", { textContent: proxy.note }));
        this.root.querySelector(".thumbs").append(button);
        return button;
      });
    }

    buildControls() {
      const select = (label, options, value, change) => {
        const menu = element("select", { onchange: () => { change(menu.value); this.update(); } });
        for (const [key, text] of options) menu.append(element("option", { value: key, textContent: text, selected: key === value }));
        this.root.querySelector(".controls").append(element("label", {}, `${label} `, menu));
        return menu;
      };
      this.xMenu = select("Score", [["linear", "linear"], ["log", "logarithmic"], ["rank", "rank"]], "linear", (v) => (this.xScale = v));
      const up = [["linear", "linear"], ["rank", "rank"]];
      if (this.yScale === "error") up.unshift(["error", "error on a log scale"]);
      if (this.yScale === "log") up.unshift(["log", "logarithmic"]);
      select(this.data.up.decimals === undefined ? this.data.up.value : "Value", up, this.yScale, (v) => (this.yScale = v));
      const colours = [["dead", "dead edges"], ["depth", "depth"]].filter(([key]) => this.data[key]);
      if (colours.length > 1) select("Colour", colours, this.colour, (v) => { this.colour = v; this.only = null; });
    }

    listen() {
      const at = (event) => { const box = this.canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
      this.canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.pick(this.nearest(...at(event), 14)));
      this.canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.pick(null));
      this.canvas.addEventListener("click", (event) => this.pick(this.nearest(...at(event), 26)));
      this.canvas.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const here = this.sorted.indexOf(this.picked);
        this.pick(this.sorted[(here < 0 ? (step > 0 ? 0 : -1) : here + step + this.sorted.length) % this.sorted.length] ?? this.sorted.at(-1));
      });
      new ResizeObserver(() => this.update()).observe(this.canvas);
    }

    choose(k) {
      this.proxy = k;
      this.xScale = this.data.proxies[k].log ? "log" : "linear";
      this.xMenu.value = this.xScale;
      this.thumbs.forEach((button, i) => button.setAttribute("aria-pressed", String(i === k)));
      this.pick(null);
      this.update();
    }

    groups() {
      const kinds = this.data[this.colour];
      const most = kinds ? kinds.reduce((most, kind, i) => (this.data.connected[i] ? Math.max(most, kind) : most), 0) : 0;
      return { kinds, colours: kinds ? ramp(most + 1) : [css("--plain")] };
    }

    // A canvas with its context in CSS pixels, cleared.
    prepare(canvas) {
      const { clientWidth: width, clientHeight: height } = canvas;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      return { context, width, height };
    }

    update() {
      this.style = this.groups();
      const proxy = this.data.proxies[this.proxy];
      this.y = axis(this.data.values, this.yScale, this.data.up.gutters);
      this.x = axis(proxy.scores, this.xScale, proxy.gutters);
      this.drawThumbs();
      this.drawLegend();
      this.draw();
    }

    drawThumbs() {
      this.thumbs.forEach((button, k) => {
        const { context, width, height } = this.prepare(button.querySelector("canvas"));
        const proxy = this.data.proxies[k];
        const x = axis(proxy.scores, proxy.log ? "log" : "linear", proxy.gutters);
        context.globalAlpha = 0.6;
        for (const i of this.order) {
          if (Number.isNaN(x.at[i]) || Number.isNaN(this.y.at[i])) continue;
          context.fillStyle = this.colourOf(i);
          context.fillRect(x.place(x.at[i]) * width - 0.7, (1 - this.y.place(this.y.at[i])) * height - 0.7, 1.4, 1.4);
        }
      });
    }

    colourOf(i) {
      const { kinds, colours } = this.style;
      if (!kinds) return colours[0];
      return this.data.connected[i] ? colours[kinds[i]] : paperColour;
    }

    drawLegend() {
      const legend = this.root.querySelector(".legend");
      legend.textContent = "";
      const { kinds, colours } = this.style;
      if (!kinds) return;
      legend.append(this.colour === "dead" ? "Dead edges:" : "Convolutions on the longest path:");
      const counts = new Array(colours.length).fill(0);
      let cut = 0;
      // Those that are drawn: with a score and a value.
      kinds.forEach((kind, i) => Number.isNaN(this.x.at[i]) || Number.isNaN(this.y.at[i]) || (this.data.connected[i] ? counts[kind]++ : cut++));
      const add = (key, mark, text) => {
        const button = element("button", { type: "button", title: "Show only these", onclick: () => { this.only = this.only === key ? null : key; this.update(); } }, mark, text);
        button.setAttribute("aria-pressed", String(this.only === key));
        legend.append(button);
      };
      counts.forEach((n, kind) => {
        const mark = element("i");
        mark.style.background = colours[kind];
        if (n) add(kind, mark, `${kind} (${n.toLocaleString("en")})`);
      });
      if (cut) add("cut", element("i", { className: "cut" }), `disconnected (${cut.toLocaleString("en")})`);
    }

    draw() {
      const { context, width, height } = this.prepare(this.canvas);
      const area = { left: 54, top: 12, width: width - 70, height: height - 64 };
      this.area = area;
      const px = (t) => area.left + t * area.width;
      const py = (t) => area.top + (1 - t) * area.height;
      context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      context.strokeStyle = css("--faint");
      context.fillStyle = css("--muted");
      context.textAlign = "center";
      let last = -Infinity;
      for (const [t, text] of this.x.ticks) {
        if (t < 0 || t > 1 || px(t) - last < 40) continue;
        last = px(t);
        context.beginPath(); context.moveTo(px(t), area.top); context.lineTo(px(t), area.top + area.height); context.stroke();
        context.fillText(text, px(t), area.top + area.height + 18);
      }
      context.textAlign = "right";
      for (const [t, text] of this.y.ticks) {
        if (t < 0 || t > 1) continue;
        context.beginPath(); context.moveTo(area.left, py(t)); context.lineTo(area.left + area.width, py(t)); context.stroke();
        context.fillText(text, area.left - 8, py(t) + 4);
      }
      context.fillStyle = css("--ink");
      context.textAlign = "center";
      context.fillText(`${this.data.proxies[this.proxy].name}: ${this.xScale === "rank" ? "rank of the score" : "score"}`, area.left + area.width / 2, height - 12);
      context.save();
      context.translate(13, area.top + area.height / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(this.yScale === "rank" ? `rank of ${this.data.up.value}` : this.data.up.value, 0, 0);
      context.restore();

      const radius = this.order.length > 3000 ? 2 : 3;
      this.points = [];
      const { kinds } = this.style;
      for (const i of this.order) {
        const x = this.x.at[i];
        if (Number.isNaN(x) || Number.isNaN(this.y.at[i])) continue;
        const cut = this.data.connected && !this.data.connected[i];
        const shown = this.only === null || (this.only === "cut" ? cut : !cut && kinds[i] === this.only);
        const [cx, cy] = [px(this.x.place(x)), py(this.y.place(this.y.at[i]))];
        if (shown) this.points.push([cx, cy, i]);
        context.globalAlpha = shown ? (this.order.length > 3000 ? 0.6 : 0.8) : 0.05;
        if (cut) {
          this.diamond(context, cx, cy, radius + 2, paperColour);
        } else {
          context.fillStyle = this.colourOf(i);
          context.beginPath(); context.arc(cx, cy, radius, 0, 2 * Math.PI); context.fill();
        }
      }
      context.globalAlpha = 1;
      const scores = this.data.proxies[this.proxy].scores;
      this.sorted = this.points.map((point) => point[2]).sort((a, b) => scores[a] - scores[b] || a - b);
      const picked = this.points.find((point) => point[2] === this.picked);
      if (picked) {
        context.strokeStyle = css("--ink");
        context.lineWidth = 2;
        context.beginPath(); context.arc(picked[0], picked[1], radius + 4, 0, 2 * Math.PI); context.stroke();
      }
      this.placeTip(picked, width);
    }

    diamond(context, x, y, r, colour) {
      context.strokeStyle = colour;
      context.lineWidth = 1.2;
      context.beginPath();
      context.moveTo(x, y - r); context.lineTo(x + r, y); context.lineTo(x, y + r); context.lineTo(x - r, y);
      context.closePath(); context.stroke();
    }

    nearest(x, y, reach) {
      let best = null, distance = reach * reach;
      for (const [px, py, i] of this.points) {
        const d = (px - x) ** 2 + (py - y) ** 2;
        if (d < distance) [best, distance] = [i, d];
      }
      return best;
    }

    pick(i) {
      if (i === this.picked) return;
      this.picked = i;
      if (i !== null) this.readout.textContent = this.lines(i).join(" · ");
      if (this.points) this.draw();
    }

    lines(i) {
      const { data } = this;
      const lines = [data.names[i]];
      if (data.index) lines.push(`index ${data.index[i]}`);
      lines.push(`${data.proxies[this.proxy].name} ${show(data.proxies[this.proxy].scores[i])}`, `${data.up.value} ${data.up.decimals === undefined ? show(data.values[i]) : signs(Number(data.values[i]).toFixed(data.up.decimals))}`);
      const facts = [];
      if (data.connected && !data.connected[i]) facts.push("disconnected");
      if (data.dead) facts.push(`${data.dead[i]} dead edges`);
      if (data.depth) facts.push(`depth ${data.depth[i]}`);
      if (facts.length) lines.push(facts.join(", "));
      return lines;
    }

    placeTip(picked, width) {
      this.tip.hidden = !picked;
      if (!picked) return;
      const [name, ...rest] = this.lines(picked[2]);
      this.tip.replaceChildren(element("code", { textContent: name }), ...rest.map((text) => element("div", { textContent: text })));
      const { offsetWidth: w, offsetHeight: h } = this.tip;
      this.tip.style.left = `${Math.max(4, Math.min(picked[0] + 14, width - w - 4))}px`;
      this.tip.style.top = `${picked[1] > h + 24 ? picked[1] - h - 14 : picked[1] + 16}px`;
    }
  }

  let paperColour = css("--paper");
  const packed = JSON.parse(document.getElementById("data").textContent).datasets;
  const plots = packed.map((data) => new Scatter(document.querySelector(`[data-scatter="${data.slug}"]`), unpack(data)));
  const redraw = () => { paperColour = css("--paper"); plots.forEach((plot) => plot.update()); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", redraw);
})();
