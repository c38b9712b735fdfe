import type { Start } from './draft.ts';

const DEFINITION = `# Each flow is a tool that agents see and call.
flower: "0.1"
id: tickets
flows:
  - id: ticket_status
    description: Looks a ticket up by its number. Returns its status.
    inputs:
      properties:
        number: { type: integer, description: Number of the ticket }
      required: [number]
    steps:
      - id: find
        request:
          method: GET
          url: https://api.example.com/tickets/$inputs.number
        outputs:
          status: $response.body.status
        actions:
          - { when: $statusCode == 200, do: next }
    # Nothing but this gets to the agent.
    outputs:
      status: $steps.find.outputs.status
`;

/** The example if nothing is deployed: a complete document to adapt. */
export const STARTING_DOCUMENT: Start = { deploymentId: null, definition: DEFINITION, references: [], fetched: [] };
