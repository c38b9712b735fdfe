/** `Agent` of the API. */
export type Agent = {
  /** As policies and credentials of the scope `agent` name it. */
  id: string;
  name: string;
  description: string | null;
  isActive: boolean;
  createdAt: string;
  lastSeenAt: string | null;
};
