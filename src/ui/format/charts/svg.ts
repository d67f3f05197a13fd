import {type Drawing, paper, type Place, type Shape} from './drawing.ts'

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function pair([x, y]: Place): string {
  return `${round(x)},${round(y)}`
}

function elementOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text': {
      const {at, size, anchor, runs} = shape
      const spans = runs.map(({content, fill, bold}) => {
        const weight = bold ? ' font-weight="bold"' : ''
        return `<tspan fill="${fill}"${weight}>${escaped(content)}</tspan>`
      })
      return `<text x="${round(at[0])}" y="${round(at[1])}" font-size="${size}" text-anchor="${anchor}">${spans.join('')}</text>`
    }
    case 'lines': {
      const path = shape.lines.map((line) => `M${line.map(pair).join('L')}`).join('')
      return `<path d="${path}" fill="none" stroke="${shape.stroke}" stroke-width="${shape.width}" stroke-linejoin="round"/>`
    }
    case 'dot':
      return `<circle cx="${round(shape.at[0])}" cy="${round(shape.at[1])}" r="${shape.radius}" fill="${shape.fill}"/>`
  }
}

/** A drawing as SVG. */
export function svgOf({title, width, height, shapes}: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Verdana, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${paper}"/>`,
    ...shapes.map(elementOf),
    '</svg>\n',
  ].join('\n')
}
