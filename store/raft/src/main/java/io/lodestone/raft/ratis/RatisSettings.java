package io.lodestone.raft.ratis;

import io.lodestone.raft.RaftConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallExecutorSupplier;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis' settings. Where one differs from its default, ADR 9 or a comment says why. */
final class RatisSettings {
  /** Of one segment of the log, which is the unit that goes when its beginning goes. */
  static final long SEGMENT_BYTES = 32L << 20;

  private static final long SEGMENT_CACHE_BYTES = 48L << 20;
  private static final TimeDuration NEVER = TimeDuration.valueOf(365, TimeUnit.DAYS);
  private static final int MOST_UNDER_WAY = 128;

  private RatisSettings() {}

  static RaftProperties properties(RaftConfig config, long segmentBytes) {
    RaftProperties properties = new RaftProperties();
    properties.set(RaftConfigKeys.Rpc.TYPE_KEY, PromptRpc.class.getName());
    RaftServerConfigKeys.setStorageDir(properties, List.of(config.directory().toFile()));
    GrpcConfigKeys.Server.setHost(properties, config.listenHost());
    GrpcConfigKeys.Server.setPort(properties, config.listenPort());
    GrpcConfigKeys.setMessageSizeMax(
        properties, SizeInBytes.valueOf(PeerCalls.LARGEST_MESSAGE_BYTES));
    times(properties, config);
    log(properties, segmentBytes);
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    // Two voters in the place of one, or a member replaced, is for whoever asks to decide.
    RaftServerConfigKeys.LeaderElection.setMemberMajorityAdd(properties, true);
    RaftServerConfigKeys.Write.setElementLimit(properties, MOST_UNDER_WAY);
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.ONE_SECOND);
    return properties;
  }

  private static void times(RaftProperties properties, RaftConfig config) {
    TimeDuration election = time(config.election());
    TimeDuration longest = time(config.election().multipliedBy(2));
    // A follower looks once in a timeout whether the leader was silent for as long, and so notices
    // after one to two of them, whenever it looks: the spread that etcd draws. What is drawn here
    // has to keep apart only those whose election came to nothing.
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, election);
    RaftServerConfigKeys.Rpc.setTimeoutMax(
        properties, time(config.election().plus(config.election().dividedBy(4))));
    if (config.start() == RaftConfig.Start.NEW && config.peers().size() == 1) {
      // Nobody else can lead, or be disturbed.
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, time(config.heartbeat()));
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
          properties, time(config.heartbeat().multipliedBy(2)));
    } else {
      // Nobody has waited yet: here the spread has to be drawn.
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, election);
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, longest);
    }
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, longest);
    RaftServerConfigKeys.setStagingTimeout(properties, time(config.election().multipliedBy(4)));
    // A process that was stopped for long goes on as any other follower.
    RaftServerConfigKeys.setCloseThreshold(properties, NEVER);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, election);
  }

  private static void log(RaftProperties properties, long segmentBytes) {
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(segmentBytes));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(Math.min(segmentBytes, 4L << 20)));
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(
        properties, SizeInBytes.valueOf(SEGMENT_CACHE_BYTES));
    // A record and an fsync more for every commit; the commit index is learnt from the leader.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // A pause between messages, which pays only where entries are small.
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
    // Made for messages that overtake each other, which AppendStreams prevents; it starts a thread
    // for each, and changes threads twice.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
    // Ratis only tells that a checkpoint is needed; we fetch it.
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
    // A member that is further behind gets a checkpoint, instead of keeping the log for ever. What
    // stays is up to RecentLog, which counts commands.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, 0);
    RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
  }

  /**
   * With our own methods, and leave to ask whether a connection still stands. What is prompt is
   * done where the network brings it, which spares a change of threads; everything else on {@code
   * answering}.
   */
  static Parameters parameters(
      RaftConfig config,
      PeerService service,
      AppendStreams streams,
      PromptRpc.Senders senders,
      Executor answering) {
    Parameters parameters = new Parameters();
    senders.addTo(parameters);
    GrpcConfigKeys.Server.setServicesCustomizer(
        parameters,
        (builder, types) -> {
          service.definitions().forEach(builder::addService);
          return builder
              .directExecutor()
              .intercept(streams)
              .intercept(new AddresseeCheck(Peers.ratisId(config.memberId())))
              .callExecutor(new PromptCalls(service, answering))
              .permitKeepAliveTime(config.election().toMillis() / 2, TimeUnit.MILLISECONDS)
              .permitKeepAliveWithoutCalls(true);
        });
    config.tls().ifPresent(tls -> GrpcConfigKeys.TLS.setConf(parameters, RatisTls.ratis(tls)));
    return parameters;
  }

  /** Where which call is answered. */
  private record PromptCalls(PeerService service, Executor otherwise)
      implements ServerCallExecutorSupplier {
    private static final String APPEND =
        RaftServerProtocolServiceGrpc.getAppendEntriesMethod().getFullMethodName();

    /** Null for where the network brings it. */
    @Override
    public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
      String method = call.getMethodDescriptor().getFullMethodName();
      return method.equals(APPEND) || service.isPrompt(method) ? null : otherwise;
    }
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }
}
