package io.lodestone.server.peer;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.mvcc.Leases.LeaseStatus;
import io.lodestone.server.lease.LeaseTimes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The times of a cluster's leases, which its leader alone knows. Thread-safe. */
public final class LeadersLeases implements LeaseTimes {
  private final LeaderCalls leader;

  public LeadersLeases(LeaderCalls leader) {
    this.leader = leader;
  }

  @Override
  public CompletableFuture<Optional<Long>> renew(LeaseId id) {
    LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(id.value()).build();
    return leader
        .ask(
            new Question(Question.Kind.RENEW, request.toByteString()),
            LeaseKeepAliveResponse::parseFrom)
        .thenApply(
            response -> response.getTTL() > 0 ? Optional.of(response.getTTL()) : Optional.empty());
  }

  @Override
  public CompletableFuture<Optional<LeaseStatus>> status(LeaseId id, boolean withKeys) {
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder().setID(id.value()).setKeys(withKeys).build();
    return leader
        .ask(
            new Question(Question.Kind.TIME_TO_LIVE, request.toByteString()),
            LeaseTimeToLiveResponse::parseFrom)
        .thenApply(response -> status(id, response));
  }

  private static Optional<LeaseStatus> status(LeaseId id, LeaseTimeToLiveResponse response) {
    return response.getGrantedTTL() == 0
        ? Optional.empty()
        : Optional.of(
            new LeaseStatus(
                id, response.getGrantedTTL(), response.getTTL(), response.getKeysList()));
  }
}
