package io.lodestone.mvcc.lease;

import io.lodestone.api.LeaseId;

/** What a lease has left, in seconds, a part of one counting as a whole. */
public record Remainder(LeaseId id, long seconds) {}
