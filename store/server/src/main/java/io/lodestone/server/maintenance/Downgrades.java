package io.lodestone.server.maintenance;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.DowngradeRequest;
import io.lodestone.api.etcdserverpb.DowngradeResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What etcd 3.5 answers to questions about downgrades. There is no older form of this store, so
 * that enabling one fails as on a member of etcd that has no peers to agree with. Stateless.
 */
final class Downgrades {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(\\.\\d+.*)?");
  private static final Pattern CURRENT = Pattern.compile("(\\d+)\\.(\\d+)\\..*");

  private Downgrades() {}

  static DowngradeResponse.Builder answer(DowngradeRequest request) {
    return switch (request.getAction()) {
      case VALIDATE -> validate(request.getVersion());
      case ENABLE -> {
        validate(request.getVersion());
        throw new StoreException(ErrorCode.TIMEOUT);
      }
      case CANCEL -> throw new StoreException(ErrorCode.NO_INFLIGHT_DOWNGRADE);
      case UNRECOGNIZED ->
          throw Status.UNKNOWN.withDescription("etcdserver: unknown method").asRuntimeException();
    };
  }

  private static DowngradeResponse.Builder validate(String target) {
    Matcher version = VERSION.matcher(target);
    if (!version.matches()) {
      throw new StoreException(ErrorCode.WRONG_DOWNGRADE_VERSION_FORMAT);
    }
    Matcher current = CURRENT.matcher(ReportedVersion.SERVER);
    if (!current.matches()
        || !version.group(1).equals(current.group(1))
        || Integer.parseInt(version.group(2)) != Integer.parseInt(current.group(2)) - 1) {
      throw new StoreException(ErrorCode.INVALID_DOWNGRADE_TARGET_VERSION);
    }
    return DowngradeResponse.newBuilder().setVersion(ReportedVersion.CLUSTER);
  }
}
