/* Runs after the script of the page: what can be clicked now has somebody who listens. */
document.querySelector('main').inert = false;
