/** People who sign in. They do not belong to an organization: memberships connect them to it. */
export {
  findPerson,
  insertPerson,
  listPersons,
  lockPerson,
  noteSignIn,
  type Person,
  setPasswordHash,
  toPerson,
} from './store.ts';
