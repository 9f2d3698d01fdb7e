export { complaint } from './complaint.ts';
export { followUp } from './followUp.ts';
