package io.lodestone.replica.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a learner does with messages, beside the real leaders of {@code LearnerTest}. */
final class LearnerRulesTest {
  private static final long US = 9;
  private static final long LEADER = 1;
  private static final long OTHER = 2;
  private static final long PLENTY = 1 << 20;

  private final Learner learner = new Learner(US, new Position(10, 3));

  private static Message append(
      long from, long term, Position previous, long commit, Entry... entries) {
    return Message.newBuilder()
        .setType(MessageType.MsgApp)
        .setFrom(from)
        .setTo(US)
        .setTerm(term)
        .setIndex(previous.index())
        .setLogTerm(previous.term())
        .setCommit(commit)
        .addAllEntries(List.of(entries))
        .build();
  }

  private static Entry entry(long index, long term) {
    return Entry.newBuilder().setIndex(index).setTerm(term).build();
  }

  private List<Long> committed() {
    return learner.committed(PLENTY).stream().map(Entry::getIndex).toList();
  }

  @Test
  void onlyWhatIsAppliedAndOnDiskIsAcknowledged() {
    assertThat(learner.step(append(LEADER, 3, new Position(10, 3), 11, entry(11, 3), entry(12, 3))))
        .isEmpty();
    assertThat(committed()).containsExactly(11L);
    assertThat(learner.acknowledgement().orElseThrow().getIndex()).isEqualTo(10);
    learner.applied(new Position(11, 3));
    assertThat(learner.isSynced()).isFalse();
    assertThat(learner.acknowledgement()).isEmpty();
    learner.synced(new Position(11, 3));
    assertThat(learner.isSynced()).isTrue();
    Message acknowledgement = learner.acknowledgement().orElseThrow();
    assertThat(acknowledgement.getIndex()).isEqualTo(11);
    assertThat(acknowledgement.getTo()).isEqualTo(LEADER);
    assertThat(acknowledgement.getTerm()).isEqualTo(3);
    assertThat(learner.acknowledgement()).isEmpty();
    assertThat(learner.step(append(LEADER, 3, new Position(12, 3), 12))).isEmpty();
    assertThat(committed()).containsExactly(12L);
  }

  @Test
  void onceItIsPromotedItAcknowledgesWhatItHasFromThisLeader() {
    learner.promoted();
    learner.step(append(LEADER, 3, new Position(10, 3), 10, entry(11, 3), entry(12, 3)));
    assertThat(learner.acknowledgement().orElseThrow().getIndex()).isEqualTo(12);
    learner.step(append(OTHER, 4, new Position(10, 3), 10));
    assertThat(learner.acknowledgement().orElseThrow().getIndex()).isEqualTo(10);
  }

  @Test
  void aGapIsRejectedWithWhatIsAppliedAsTheHint() {
    Message rejection =
        learner.step(append(LEADER, 4, new Position(15, 4), 15, entry(16, 4))).orElseThrow();
    assertThat(rejection.getReject()).isTrue();
    assertThat(rejection.getIndex()).isEqualTo(15);
    assertThat(rejection.getRejectHint()).isEqualTo(10);
    assertThat(rejection.getLogTerm()).isEqualTo(3);
    assertThat(committed()).isEmpty();
  }

  @Test
  void aNewLeaderReplacesWhatIsNotCommitted() {
    learner.step(append(LEADER, 3, new Position(10, 3), 11, entry(11, 3), entry(12, 3)));
    learner.step(append(OTHER, 4, new Position(11, 3), 12, entry(12, 4)));
    assertThat(learner.committed(PLENTY)).containsExactly(entry(11, 3), entry(12, 4));
  }

  @Test
  void anOldLeaderIsToldTheNewTerm() {
    learner.step(append(OTHER, 5, new Position(10, 3), 10));
    Message told =
        learner.step(append(LEADER, 4, new Position(10, 3), 11, entry(11, 4))).orElseThrow();
    assertThat(told.getTerm()).isEqualTo(5);
    assertThat(told.getTo()).isEqualTo(LEADER);
    assertThat(committed()).isEmpty();
  }

  @Test
  void whatIsKnownAlreadyIsPassedOver() {
    learner.step(
        append(LEADER, 3, new Position(8, 2), 11, entry(9, 3), entry(10, 3), entry(11, 3)));
    assertThat(committed()).containsExactly(11L);
  }

  @Test
  void nobodyGetsAVote() {
    for (MessageType type : List.of(MessageType.MsgVote, MessageType.MsgPreVote)) {
      Message request =
          Message.newBuilder().setType(type).setFrom(OTHER).setTo(US).setTerm(7).build();
      assertThat(learner.step(request)).isEmpty();
    }
    assertThat(learner.step(append(LEADER, 3, new Position(10, 3), 11, entry(11, 3)))).isEmpty();
    assertThat(committed()).containsExactly(11L);
  }

  @Test
  void aClusterThatWasRebuiltIsNoticed() {
    assertThatThrownBy(() -> learner.step(append(LEADER, 8, new Position(10, 7), 10)))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("entry 10 of the cluster's log is of term 7");
  }

  @Test
  void aDirectoryThatIsOlderThanWhatWasAcknowledgedIsNoticed() {
    Message heartbeat =
        Message.newBuilder()
            .setType(MessageType.MsgHeartbeat)
            .setFrom(LEADER)
            .setTo(US)
            .setTerm(3)
            .setCommit(11)
            .build();
    assertThatThrownBy(() -> learner.step(heartbeat))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("the data directory ends at entry 10");
  }

  @Test
  void heartbeatsAreAnsweredWithTheirContext() {
    ByteString context = ByteString.copyFromUtf8("read 7");
    Message answer =
        learner
            .step(
                Message.newBuilder()
                    .setType(MessageType.MsgHeartbeat)
                    .setFrom(LEADER)
                    .setTo(US)
                    .setTerm(3)
                    .setCommit(10)
                    .setContext(context)
                    .build())
            .orElseThrow();
    assertThat(answer.getType()).isEqualTo(MessageType.MsgHeartbeatResp);
    assertThat(answer.getContext()).isEqualTo(context);
  }

  @Test
  void isCurrentOnceAllThatWasToldIsApplied() {
    assertThat(learner.isCurrent()).isFalse();
    learner.step(append(LEADER, 3, new Position(10, 3), 12, entry(11, 3)));
    learner.applied(new Position(11, 3));
    assertThat(learner.isCurrent()).isFalse();
    learner.step(append(LEADER, 3, new Position(11, 3), 12, entry(12, 3)));
    learner.applied(new Position(12, 3));
    assertThat(learner.isCurrent()).isTrue();
  }
}
