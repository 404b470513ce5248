package export

import (
	"fmt"
	"strings"
)

// The colours of a picture: those of the screens (client blue, server orange),
// which stay apart for every kind of colour blindness, on a ground of their own.
type colours struct {
	ground, text, quiet, line, client, server, lost, between string
}

var (
	light = colours{ground: "#ffffff", text: "#1b1f24", quiet: "#5f6670", line: "#c3c8cf", client: "#005c9e", server: "#8f5a00", lost: "#b03a00", between: "#4a4f57"}
	dark  = colours{ground: "#1e1e2e", text: "#e6e6e6", quiet: "#9aa1ab", line: "#4c5060", client: "#56b4e9", server: "#e69f00", lost: "#ff7a45", between: "#c0c4cc"}
)

const (
	sans = `system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif`
	mono = `ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace`
)

// shapes are what does not depend on colours. Every kind of line has a width
// and dashes of its own.
const shapes = `.wl text{font:13px ` + sans + `}
.wl text.h{font-size:22px;font-weight:600}
.wl text.cmd{font:15px ` + mono + `}
.wl text.name{font-size:15px;font-weight:600}
.wl text.l{paint-order:stroke;stroke-width:3.5px;stroke-linejoin:round}
.wl text.t{font-size:11px}
.wl text.k,.wl text.st{font-size:12px}
.wl text.st{font-weight:600}
.wl text.sub{font-size:16px;font-weight:600}
.wl .mid{text-anchor:middle}
.wl .end{text-anchor:end}
.wl path{fill:none}
.wl .a{stroke-width:2.4px}
.wl .a.ack{stroke-width:1.2px}
.wl .a.again{stroke-dasharray:9 4}
.wl .a.copy{stroke-dasharray:2 3}
.wl .open{stroke-width:1.6px}
.wl .x{stroke-width:2.8px;stroke-linecap:round}
.wl .life{stroke-width:1.6px}
.wl .host{stroke-width:1.6px}
.wl .state{stroke-width:1px}
.wl .bar{fill-opacity:.35}
.wl .span{stroke-width:1.4px}
.wl .fold{stroke-width:1px;stroke-dasharray:1 5}
.wl .box{stroke-width:1.4px}
`

// style is the style sheet of a picture.
func style(s Scheme) string {
	var b strings.Builder
	b.WriteString(shapes)
	switch s {
	case Light:
		b.WriteString(light.rules())
	case Dark:
		b.WriteString(dark.rules())
	default:
		fmt.Fprintf(&b, "%s@media screen and (prefers-color-scheme:dark){\n%s}\n", light.rules(), dark.rules())
	}
	return b.String()
}

// rules are the colours of everything on a picture.
func (c colours) rules() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".wl .ground{fill:%s;stroke:none}\n", c.ground)
	fmt.Fprintf(&b, ".wl text{fill:%s}\n.wl text.l{stroke:%s}\n", c.text, c.ground)
	fmt.Fprintf(&b, ".wl text.q,.wl text.t{fill:%s}\n", c.quiet)
	fmt.Fprintf(&b, ".wl .host,.wl .state,.wl .open{fill:%s}\n", c.ground)
	fmt.Fprintf(&b, ".wl .fold{stroke:%s}\n", c.quiet)
	for _, of := range [...]struct{ class, colour string }{{"m", c.between}, {"c", c.client}, {"s", c.server}} {
		fmt.Fprintf(&b, ".wl path.%[1]s,.wl rect.%[1]s,.wl circle.%[1]s{stroke:%[2]s}\n.wl text.%[1]s,.wl path.head.%[1]s,.wl .bar.%[1]s,.wl .solid.%[1]s,.wl .dot.%[1]s{fill:%[2]s}\n.wl .bar.%[1]s,.wl path.head.%[1]s,.wl .dot.%[1]s{stroke:none}\n", of.class, of.colour)
	}
	fmt.Fprintf(&b, ".wl path.x{stroke:%[1]s}\n.wl text.gone{fill:%[1]s}\n", c.lost)
	fmt.Fprintf(&b, ".wl .on{fill:%s}\n", c.ground)
	for _, s := range [...]string{"c", "s"} {
		fmt.Fprintf(&b, ".wl .wait-%[1]s{fill:url(#wl-wait-%[1]s)}\n.wl .kept-%[1]s{fill:url(#wl-kept-%[1]s)}\n", s)
	}
	return b.String()
}
