package io.lodestone.server.cluster;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.server.metrics.MemberMetrics;
import io.lodestone.server.replication.Command;
import io.lodestone.server.replication.RaftProposals;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The members of a cluster as its log has them. A change is judged once here, by what the leader
 * knows of its followers, and once by every member when it applies it. Consensus follows: see
 * {@link Reconfiguration}. Thread-safe.
 */
public final class ReplicatedMembership implements Membership {
  private final Supplier<List<Member>> members;
  private final RaftProposals log;
  private final Supplier<Contacts> contacts;
  private final boolean strict;
  private final MemberMetrics metrics;
  private final Clock clock;

  /**
   * @param members of the table that the log makes
   * @param contacts what is known of the others by now
   * @param strict {@code --strict-reconfig-check}
   * @param metrics counts promotions
   */
  public ReplicatedMembership(
      Supplier<List<Member>> members,
      RaftProposals log,
      Supplier<Contacts> contacts,
      boolean strict,
      MemberMetrics metrics,
      Clock clock) {
    this.members = members;
    this.log = log;
    this.contacts = contacts;
    this.strict = strict;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public List<Member> members() {
    return members.get();
  }

  @Override
  public CompletableFuture<Member> add(List<String> peerUrls, boolean learner) {
    Member added = NewMember.of(peerUrls, learner, clock);
    if (strict) {
      List<Member> voters = voters();
      // A second voter may be added to a lone one, although neither is a quorum.
      boolean second = voters.size() == 1 && started(voters) == 1;
      if (!learner && !second && started(voters) < quorumOf(voters.size() + 1)) {
        throw NewMember.notEnoughStarted();
      }
      requireContact(voters, voters.size());
    }
    return propose(new Command.Add(added)).thenApply(done -> added);
  }

  @Override
  public CompletableFuture<Void> remove(long id) {
    boolean learner =
        members().stream().anyMatch(known -> known.getID() == id && known.getIsLearner());
    if (strict && !learner) {
      List<Member> others = voters().stream().filter(voter -> voter.getID() != id).toList();
      if (started(others) < quorumOf(others.size())) {
        throw NewMember.notEnoughStarted();
      }
      if (contacts.get().isHeard(id)) {
        requireContact(others, quorumOf(others.size()));
      }
    }
    return propose(new Command.Remove(id));
  }

  @Override
  public CompletableFuture<Void> update(long id, List<String> peerUrls) {
    Member updated = Member.newBuilder().setID(id).addAllPeerURLs(peerUrls).build();
    return propose(new Command.Update(updated));
  }

  @Override
  public CompletableFuture<Void> promote(long id) {
    CompletableFuture<Void> promotion;
    try {
      promotion = promoteIfReady(id);
    } catch (StoreException refused) {
      promotion = CompletableFuture.failedFuture(refused);
    }
    return promotion.whenComplete(
        (done, failure) -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (failure == null) {
            metrics.promoted();
          } else if (cause instanceof StoreException refused) {
            metrics.notPromoted(refused.getMessage());
          }
        });
  }

  private CompletableFuture<Void> promoteIfReady(long id) {
    boolean known = members().stream().anyMatch(member -> member.getID() == id);
    boolean learner =
        members().stream().anyMatch(member -> member.getID() == id && member.getIsLearner());
    if (!known) {
      throw new StoreException(ErrorCode.MEMBER_NOT_FOUND);
    }
    if (learner && !contacts.get().isCaughtUp(id)) {
      throw new StoreException(ErrorCode.LEARNER_NOT_READY);
    }
    List<Member> voters = voters();
    if (strict && started(voters) + 1 < quorumOf(voters.size() + 1)) {
      throw NewMember.notEnoughStarted();
    }
    return propose(new Command.Promote(id));
  }

  private CompletableFuture<Void> propose(Command command) {
    return log.propose(command).thenApply(ReplicatedMembership::unlessRefused);
  }

  private static Void unlessRefused(Applied applied) {
    applied
        .refusal()
        .ifPresent(
            refusal -> {
              throw refusal;
            });
    return null;
  }

  private List<Member> voters() {
    return members().stream().filter(member -> !member.getIsLearner()).toList();
  }

  /** A member that has started has told its name. */
  private static long started(List<Member> members) {
    return members.stream().filter(member -> !member.getName().isEmpty()).count();
  }

  private static int quorumOf(int voters) {
    return voters / 2 + 1;
  }

  private void requireContact(List<Member> voters, int enough) {
    long heard = voters.stream().filter(voter -> contacts.get().isHeard(voter.getID())).count();
    if (heard < enough) {
      throw new StoreException(ErrorCode.UNHEALTHY);
    }
  }
}
