package io.lodestone.raft;

import java.time.Duration;

/**
 * How far a member has come, as its leader knows.
 *
 * @param matchIndex the last entry of the leader's log that the member is known to have; -1 for
 *     none
 * @param lastContact how long ago the member has answered
 */
public record Progress(long id, long matchIndex, Duration lastContact) {}
