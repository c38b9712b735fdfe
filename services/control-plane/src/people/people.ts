/** Those who sign in. They are of no organization: that is for memberships to say. */
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
