/** The document of a server with one tool, which has no inputs and returns the time. */
export const clockDocument = (api: string) => `
flower: "0.1"
id: clock
flows:
  - id: read_clock
    description: Tells the time.
    steps:
      - id: read
        request: { method: GET, url: "${api}/clock" }
        outputs: { time: $response.body.time }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { time: $steps.read.outputs.time }
`;
