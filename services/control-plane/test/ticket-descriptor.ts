/** A valid descriptor in YAML, with two tools. `marker` makes it differ from others of the same version. */
export function ticketDescriptor({ slug = 'ticket-system', version = '1.0.0', marker = 'a' } = {}): string {
  return `metadata:
  name: Ticket System
  slug: ${slug}
  version: ${version}
  description: Integration with the internal ticket management system (${marker})
  publisher: Platform Team
  categories: [saas]
  tags: [support]
authentication:
  - type: api_key
    fields:
      - { key: api_key, label: API Key, field_type: secret, required: true }
    test_endpoint: { url: "https://tickets.example.test/api/v1/me" }
operations:
  - operation_id: search_tickets
    endpoint: https://tickets.example.test/api/v1/tickets
    method: GET
    auth_type_ref: api_key
    auth_headers: { X-API-Key: "{api_key}" }
    parameters:
      - { name: status, location: query, field_type: string, description: Open or closed }
  - operation_id: create_ticket
    endpoint: https://tickets.example.test/api/v1/tickets
    method: POST
    auth_type_ref: api_key
    auth_headers: { X-API-Key: "{api_key}" }
    parameters:
      - { name: title, location: body, field_type: string, required: true, description: In one line }
capabilities: { sync_modes: [full_refresh] }
database_config: { schema: tickets }
rate_limits:
  - { scope: per_account, limit: 1000, interval_seconds: 60 }
sla: { availability_percentage: 99.5, latency_ms_p95: 1500 }
mcp_config:
  enabled: true
  server_name: ticket_system
  server_description: Internal ticket management tools
  route_mappings:
    - { operation_id: search_tickets, mcp_tool_name: search_tickets, mcp_tool_description: Search support tickets. }
    - { operation_id: create_ticket, mcp_tool_name: create_ticket, mcp_tool_description: Create a support ticket. }
`;
}
