package io.lodestone.replica.peer;

import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import java.io.DataInputStream;

/** The two streams that a member opens at every other one. */
enum StreamKind {
  /** Appended entries, shortened: see {@link AppendReader}. */
  APPEND("msgapp") {
    @Override
    MessageReader reader(DataInputStream in, long from, long to) {
      return new AppendReader(in, from, to);
    }

    @Override
    byte[] heartbeat() {
      return new byte[] {AppendReader.HEARTBEAT};
    }
  },

  /** Everything else, and appended entries while that stream is not open: {@link Frames}. */
  MESSAGE("message") {
    @Override
    MessageReader reader(DataInputStream in, long from, long to) {
      return () -> Frames.read(in, Message.parser(), Frames.MOST_BYTES);
    }

    @Override
    byte[] heartbeat() {
      return Frames.of(NOTHING);
    }
  };

  /** What a member says where it has nothing to say; etcd writes zeros too. */
  private static final Message NOTHING =
      Message.newBuilder()
          .setType(MessageType.MsgHeartbeat)
          .setTo(0)
          .setFrom(0)
          .setTerm(0)
          .setLogTerm(0)
          .setIndex(0)
          .setCommit(0)
          .setReject(false)
          .setRejectHint(0)
          .build();

  private final String path;

  StreamKind(String path) {
    this.path = path;
  }

  /** The path of the request that opens it, with who asks behind it. */
  String path(long asker) {
    return "/raft/stream/" + path + "/" + Long.toHexString(asker);
  }

  static boolean isHeartbeat(Message message) {
    return message.getType() == MessageType.MsgHeartbeat
        && message.getFrom() == 0
        && message.getTo() == 0;
  }

  abstract MessageReader reader(DataInputStream in, long from, long to);

  /** Bytes to send where there is nothing to say, so that the other side keeps the stream open. */
  abstract byte[] heartbeat();
}
