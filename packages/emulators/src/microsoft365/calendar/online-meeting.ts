import type { Desk } from './desk.ts';
import { withJoinBlock } from './event-body.ts';
import type { EventContent, OnlineMeeting } from './event-content.ts';

function newMeeting({ world, user }: Desk): OnlineMeeting {
  const { random } = world;
  const thread = Buffer.from(random.uuid()).toString('base64url');
  const context = encodeURIComponent(`{"Tid":"${user.tenantId}","Oid":"${user.id}"}`).toLowerCase();
  return Object.freeze({
    joinUrl: `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${thread}%40thread.v2/0?context=${context}`,
    conferenceId: String(100_000_000 + random.int(900_000_000)),
    tollNumber: '+1 425-555-0100',
  });
}

/** A meeting that is to be online gets its room, and the block that leads there at the end of its body. */
export function withRoom(desk: Desk, content: EventContent): EventContent {
  const isTeams = content.isOnlineMeeting && content.onlineMeetingProvider === 'teamsForBusiness';
  if (!isTeams || content.onlineMeeting !== null) return content;
  const onlineMeeting = newMeeting(desk);
  return { ...content, onlineMeeting, body: withJoinBlock(content.body, onlineMeeting) };
}
