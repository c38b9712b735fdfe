/** `Agent` of the API. */
export type Agent = {
  /** The id that policies and credentials of the scope `agent` use. */
  id: string;
  name: string;
  description: string | null;
  isActive: boolean;
  createdAt: string;
  lastSeenAt: string | null;
};
