package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import java.time.Duration;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCallStreamObserver;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.util.Timestamp;

/**
 * Entries and heartbeats for a follower on one call of Ratis' protocol, and its answers, which come
 * on the network's threads. Sent, and closed, by one thread.
 */
final class AppendStream {
  /** Who hears of the answers. */
  interface Replies {
    /** {@code firstIndex} is that of the entries answered; of a heartbeat, -1. */
    void replied(AppendEntriesReplyProto reply, long firstIndex);

    /** After each answer, once it no longer counts as being waited for. */
    void changed();

    /** Nothing more comes. */
    void failed(Throwable cause);
  }

  private final Replies replies;
  private final ClientCallStreamObserver<AppendEntriesRequestProto> requests;
  private volatile Timestamp heard = Timestamp.currentTime();

  /** Of the entries under way; {@link RaftLog#INVALID_LOG_INDEX} for none. */
  private volatile long firstIndex = RaftLog.INVALID_LOG_INDEX;

  private volatile boolean open = true;

  /** Does not wait for a connection. */
  AppendStream(PeerCalls calls, Peer peer, Replies replies) {
    this.replies = replies;
    this.requests =
        calls.stream(peer, RaftServerProtocolServiceGrpc.getAppendEntriesMethod(), new Answers());
  }

  boolean isOpen() {
    return open;
  }

  /** Whether entries are under way. */
  boolean waitsForEntries() {
    return open && firstIndex != RaftLog.INVALID_LOG_INDEX;
  }

  /** Whether nothing, not even a heartbeat, was answered for so long. */
  boolean isSilent(Duration patience) {
    return heard.elapsedTimeMs() > patience.toMillis();
  }

  void send(AppendEntriesRequestProto request) {
    if (request.getEntriesCount() > 0) {
      firstIndex = request.getEntries(0).getIndex();
    }
    requests.onNext(request);
  }

  /** What is under way may or may not arrive; no answer is told any more. */
  void close() {
    if (open) {
      open = false;
      requests.cancel("closed", null);
    }
  }

  private final class Answers implements StreamObserver<AppendEntriesReplyProto> {
    @Override
    public void onNext(AppendEntriesReplyProto reply) {
      if (!open) {
        return;
      }
      heard = Timestamp.currentTime();
      // Sic, in Ratis' protocol.
      if (reply.getIsHearbeat()) {
        replies.replied(reply, RaftLog.INVALID_LOG_INDEX);
      } else {
        replies.replied(reply, firstIndex);
        firstIndex = RaftLog.INVALID_LOG_INDEX;
      }
      replies.changed();
    }

    @Override
    public void onError(Throwable cause) {
      if (open) {
        open = false;
        replies.failed(cause);
      }
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("the follower ended the stream"));
    }
  }
}
