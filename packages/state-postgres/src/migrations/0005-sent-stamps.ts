/** Links are found by the stamps that creates for them have sent, confirmed or not. */
export const sentStamps = `
create index intent_stamp on $.intent (lane, stamp) where stamp <> '';
`;
