package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.v3electionpb.CampaignRequest;
import io.lodestone.api.v3electionpb.CampaignResponse;
import io.lodestone.api.v3electionpb.LeaderKey;
import io.lodestone.api.v3electionpb.LeaderRequest;
import io.lodestone.api.v3electionpb.ProclaimRequest;
import io.lodestone.api.v3electionpb.ResignRequest;

/** Turns on the Election service. Each leaves its election without a leader. */
final class Elections {
  private static final String NAME = "crown";

  private final Dice dice;

  Elections(Dice dice) {
    this.dice = dice;
  }

  void reign(Duel duel) {
    LeaderKey leader = campaign(duel, 1 + dice.below(Coordination.LEASES));
    for (int i = dice.below(3); i >= 0; i--) {
      proclaim(duel, leader);
      leader(duel);
    }
    resign(duel, leader);
    leader(duel);
    if (dice.oneIn(3)) {
      proclaim(duel, leader);
      resign(duel, leader);
    }
  }

  void reignOnOwnLease(Duel duel) {
    LeaderKey leader = campaign(duel, 0);
    leader(duel);
    duel.call(
        "Lease/LeaseRevoke", LeaseRevokeRequest.newBuilder().setID(leader.getLease()).build());
    leader(duel);
  }

  /** One reigns, another waits for the end of it. */
  void succeed(Duel duel) throws InterruptedException {
    LeaderKey first = campaign(duel, 1);
    Duel.Pending waiting = duel.begin(new Call("Election/Campaign", candidacy(2)));
    duel.awaitBoth(
        new Call("KV/Range", Coordination.prefix(NAME + "/", NAME + "0")),
        answer -> answer.message(RangeResponse.class).getCount() == 2);
    leader(duel);
    resign(duel, first);
    resign(duel, waiting.finish().message(CampaignResponse.class).getLeader());
  }

  void observe(Duel duel) {
    LeaderKey leader = campaign(duel, 1);
    duel.stream(new Call("Election/Observe", election()), 1);
    resign(duel, leader);
  }

  void wrong(Duel duel) {
    switch (dice.below(5)) {
      case 0 -> duel.call("Election/Proclaim", ProclaimRequest.getDefaultInstance());
      case 1 -> duel.call("Election/Resign", ResignRequest.getDefaultInstance());
      case 2 -> duel.call("Election/Leader", LeaderRequest.getDefaultInstance());
      case 3 -> duel.call("Election/Campaign", candidacy(4711));
      default -> proclaim(duel, LeaderKey.newBuilder().setName(name()).setRev(99).build());
    }
  }

  private LeaderKey campaign(Duel duel, long lease) {
    Answer answer = duel.call("Election/Campaign", candidacy(lease));
    return answer.message(CampaignResponse.class).getLeader();
  }

  private CampaignRequest candidacy(long lease) {
    return CampaignRequest.newBuilder()
        .setName(name())
        .setLease(lease)
        .setValue(Vocabulary.utf8("v" + dice.below(9)))
        .build();
  }

  private void proclaim(Duel duel, LeaderKey leader) {
    ByteString value = Vocabulary.utf8("p" + dice.below(9));
    duel.call(
        "Election/Proclaim",
        ProclaimRequest.newBuilder().setLeader(leader).setValue(value).build());
  }

  private void leader(Duel duel) {
    duel.call("Election/Leader", election());
  }

  private void resign(Duel duel, LeaderKey leader) {
    duel.call("Election/Resign", ResignRequest.newBuilder().setLeader(leader).build());
  }

  private static LeaderRequest election() {
    return LeaderRequest.newBuilder().setName(name()).build();
  }

  private static ByteString name() {
    return Vocabulary.utf8(NAME);
  }
}
