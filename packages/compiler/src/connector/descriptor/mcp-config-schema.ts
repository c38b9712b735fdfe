import { planLimits, toolAnnotationsSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { nameSchema } from './values.ts';

export const routeMappingSchema = z.strictObject({
  operation_id: nameSchema.meta({ description: 'The id of one of the operations.' }),
  mcp_tool_name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9_.-]*$/, 'The name of a tool has letters, digits, "_", "." and "-"')
    .meta({ description: 'Name that the model sees; unique.' }),
  mcp_tool_description: z.string().min(1).max(500).meta({ description: 'A model chooses the tool by this text.' }),
  parameter_mappings: z
    .record(nameSchema, nameSchema)
    .default({})
    .meta({ description: 'Maps a parameter of the operation to its name in the tool; others keep their names.' }),
  max_output_bytes: z
    .int()
    .min(1)
    .max(planLimits.outputBytesCeiling)
    .optional()
    .meta({ description: 'Larger results are an error; default: 80 KiB.' }),
  annotations: toolAnnotationsSchema
    .optional()
    .meta({ description: 'As MCP names them, instead of those of the method.' }),
});
export type RouteMapping = z.output<typeof routeMappingSchema>;

export const mcpConfigSchema = z.strictObject({
  enabled: z.boolean().default(false).meta({ description: 'Whether each instance has an MCP server.' }),
  server_name: z.string().min(1).max(100).optional().meta({ description: 'Required if enabled.' }),
  server_description: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'What the tools are for, in a sentence.' }),
  route_mappings: z
    .array(routeMappingSchema)
    .max(2000)
    .default([])
    .meta({ description: 'Only these operations become tools.' }),
});
