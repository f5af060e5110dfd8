package io.lodestone.conformance.requests;

import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.api.v3electionpb.CampaignRequest;
import io.lodestone.api.v3electionpb.CampaignResponse;
import io.lodestone.api.v3lockpb.LockRequest;
import io.lodestone.api.v3lockpb.LockResponse;

/** Finds in an answer the lease that the server chose because the call named none. */
final class ServerChoice {
  private ServerChoice() {}

  static void adopt(Names names, Call call, Answer answer) {
    if (!answer.ok()) {
      return;
    }
    if (call.request() instanceof LeaseGrantRequest grant && grant.getID() == 0) {
      names.adoptLease(answer.message(LeaseGrantResponse.class).getID());
    } else if (call.request() instanceof LockRequest lock && lock.getLease() == 0) {
      names.adoptLease(leaseIn(answer.message(LockResponse.class).getKey().toStringUtf8()));
    } else if (call.request() instanceof CampaignRequest campaign && campaign.getLease() == 0) {
      names.adoptLease(answer.message(CampaignResponse.class).getLeader().getLease());
    }
  }

  /** The id that ends the key of a lock, {@code <name>/<id in hexadecimal>}. */
  private static long leaseIn(String lockKey) {
    return Long.parseUnsignedLong(lockKey.substring(lockKey.lastIndexOf('/') + 1), 16);
  }
}
