/** A document with a tool that returns where a train is, and retries at most `limit` times. */
export const arazzo = (limit = 3) => `arazzo: 1.0.1
info: { title: Trains, version: 1.0.0 }
sourceDescriptions:
  - { name: trains, url: ./trains.openapi.yaml, type: openapi }
workflows:
  - workflowId: find_train
    description: Tells where a train is, by its number. Waits while it is in a tunnel.
    inputs: { type: object, properties: { number: { type: integer, description: Of the train } }, required: [number] }
    steps:
      - stepId: look
        operationId: getPosition
        parameters: [{ name: number, in: path, value: $inputs.number }]
        successCriteria: [{ condition: $statusCode == 200 }]
        onFailure:
          - { name: wait, type: retry, retryLimit: ${limit}, retryAfter: 0.01, criteria: [{ condition: $statusCode == 503 }] }
        outputs: { position: $response.body#/position }
    outputs: { position: $steps.look.outputs.position }
`;

/** The OpenAPI document that it refers to. */
export const openApi = `openapi: 3.1.0
info: { title: Trains, version: 1.0.0 }
servers: [{ url: https://trains.example.test }]
security: [{ key: [] }]
components: { securitySchemes: { key: { type: http, scheme: bearer } } }
paths:
  /trains/{number}:
    get:
      operationId: getPosition
      parameters: [{ name: number, in: path, required: true, schema: { type: integer } }]
      responses: { '200': { description: Where it is } }
`;
