package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Members as Ratis knows them, and as bytes. */
final class Peers {
  private Peers() {}

  static RaftPeerId ratisId(long id) {
    return RaftPeerId.valueOf(Long.toHexString(id));
  }

  static long id(RaftPeerId id) {
    return Long.parseUnsignedLong(id.toString(), 16);
  }

  /** {@code id} is as Ratis' messages carry it. */
  static long id(ByteString id) {
    return id(RaftPeerId.valueOf(id));
  }

  static RaftPeer ratisPeer(Peer peer) {
    return RaftPeer.newBuilder()
        .setId(ratisId(peer.id()))
        .setAddress(peer.address())
        .setStartupRole(peer.learns() ? RaftPeerRole.LISTENER : RaftPeerRole.FOLLOWER)
        .build();
  }

  static List<RaftPeer> ratisPeers(List<Peer> peers, Peer.Vote vote) {
    return peers.stream().filter(peer -> peer.vote() == vote).map(Peers::ratisPeer).toList();
  }

  /** The members of the configuration that is to be, where it is changing. */
  static List<Peer> of(RaftConfiguration configuration) {
    return Stream.concat(
            configuration.getCurrentPeers(RaftPeerRole.FOLLOWER).stream().map(Peers::peer),
            configuration.getCurrentPeers(RaftPeerRole.LISTENER).stream()
                .map(peer -> peer(peer.getId(), peer.getAddress(), Peer.Vote.LEARNER)))
        .toList();
  }

  static List<Peer> of(Collection<RaftPeerProto> voters, Collection<RaftPeerProto> learners) {
    return Stream.concat(
            voters.stream().map(proto -> peer(proto, Peer.Vote.VOTER)),
            learners.stream().map(proto -> peer(proto, Peer.Vote.LEARNER)))
        .toList();
  }

  /** As a voter. */
  static Peer peer(RaftPeer peer) {
    return peer(peer.getId(), peer.getAddress(), Peer.Vote.VOTER);
  }

  static Peer peer(RaftPeerProto proto, Peer.Vote vote) {
    return peer(RaftPeerId.valueOf(proto.getId()), proto.getAddress(), vote);
  }

  private static Peer peer(RaftPeerId id, String address, Peer.Vote vote) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new Peer(id(id), bare, Integer.parseInt(address.substring(colon + 1)), vote);
  }

  static byte[] toBytes(List<Peer> peers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(peers.size());
      for (Peer peer : peers) {
        out.writeLong(peer.id());
        out.writeUTF(peer.host());
        out.writeShort(peer.port());
        out.writeBoolean(peer.learns());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static List<Peer> fromBytes(byte[] bytes) {
    List<Peer> peers = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        long id = in.readLong();
        String host = in.readUTF();
        int port = in.readUnsignedShort();
        peers.add(new Peer(id, host, port, in.readBoolean() ? Peer.Vote.LEARNER : Peer.Vote.VOTER));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return peers;
  }
}
