/** The request that calls the tool of `itemDocument`. */
export const itemCall = (n: number) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: n,
    method: 'tools/call',
    params: { name: 'get_item', arguments: { number: n % 1000 } },
  });

/** A document with one tool, each of whose steps makes the same request with a secret. */
export const itemDocument = (upstream: string, steps = 1) => `
flower: "0.1"
id: bench
flows:
  - id: get_item
    description: Get an item by number.
    inputs:
      properties: { number: { type: integer, description: Item number } }
      required: [number]
    steps:
${Array.from({ length: steps }, (_, index) => step(upstream, index)).join('')}
    outputs: { name: $steps.get0.outputs.name, price: $steps.get${steps - 1}.outputs.price }
`;

const step = (upstream: string, index: number) => `
      - id: get${index}
        request:
          method: GET
          url: ${upstream}/items/$inputs.number
          headers: { authorization: "Bearer $secrets.BENCH_KEY" }
        outputs: { name: $response.body.name, price: $response.body.price }
        actions: [{ when: "$statusCode == 200", do: next }]
`;
