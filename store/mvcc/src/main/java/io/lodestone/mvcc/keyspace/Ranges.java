package io.lodestone.mvcc.keyspace;

import io.lodestone.api.TieOrder;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest.SortOrder;
import io.lodestone.api.etcdserverpb.RangeRequest.SortTarget;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Answers range requests as etcd does. Worth knowing of etcd:
 *
 * <ul>
 *   <li>{@code count} is the number of keys in the range, whatever limit and filters leave of them;
 *   <li>a sort target without an order sorts upwards, but only what the limit has let through;
 *   <li>an order that it does not know leaves the keys in their own;
 *   <li>filters and orders look at all keys, and the limit cuts afterwards.
 * </ul>
 */
public final class Ranges {
  private Ranges() {}

  /** The response without its header, from the keys of the revision that the request means. */
  public static RangeResponse.Builder answer(RangeRequest request, Keys keys) {
    RangeResponse.Builder response = RangeResponse.newBuilder();
    if (request.getRangeEnd().isEmpty()) {
      return single(request, keys, response);
    }
    Bounds bounds = Bounds.of(request.getKey(), request.getRangeEnd());
    if (request.getCountOnly()) {
      return response.setCount(keys.count(bounds));
    }
    List<Head> found = new ArrayList<>();
    response.setCount(keys.scan(bounds, fetchLimit(request), found::add));
    return finish(request, found, response);
  }

  private static RangeResponse.Builder single(
      RangeRequest request, Keys keys, RangeResponse.Builder response) {
    List<Head> found = new ArrayList<>(1);
    keys.get(request.getKey()).ifPresent(found::add);
    response.setCount(found.size());
    return request.getCountOnly() ? response : finish(request, found, response);
  }

  /**
   * How many keys are needed, one more than asked for among them to know whether there are more.
   */
  private static long fetchLimit(RangeRequest request) {
    boolean needsAll = request.getSortOrder() != SortOrder.NONE || hasFilter(request);
    return needsAll || request.getLimit() <= 0 || request.getLimit() == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : request.getLimit() + 1;
  }

  private static boolean hasFilter(RangeRequest request) {
    return request.getMinModRevision() != 0
        || request.getMaxModRevision() != 0
        || request.getMinCreateRevision() != 0
        || request.getMaxCreateRevision() != 0;
  }

  private static RangeResponse.Builder finish(
      RangeRequest request, List<Head> found, RangeResponse.Builder response) {
    if (hasFilter(request)) {
      found.removeIf(head -> !passes(request, head.metadata()));
    }
    sort(request, found);
    List<Head> kept = found;
    if (request.getLimit() > 0 && found.size() > request.getLimit()) {
      kept = found.subList(0, (int) request.getLimit());
      response.setMore(true);
    }
    for (Head head : kept) {
      if (request.getKeysOnly()) {
        response.addKvs(head.metadata().toBuilder().clearValue());
      } else {
        response.addKvs(head.keyValue());
      }
    }
    return response;
  }

  private static boolean passes(RangeRequest request, KeyValue kv) {
    return within(kv.getModRevision(), request.getMinModRevision(), request.getMaxModRevision())
        && within(
            kv.getCreateRevision(), request.getMinCreateRevision(), request.getMaxCreateRevision());
  }

  private static boolean within(long revision, long min, long max) {
    return (max == 0 || revision <= max) && (min == 0 || revision >= min);
  }

  private static void sort(RangeRequest request, List<Head> found) {
    boolean byDefault =
        request.getSortOrder() == SortOrder.NONE && request.getSortTarget() != SortTarget.KEY;
    boolean asked =
        request.getSortOrder() == SortOrder.ASCEND || request.getSortOrder() == SortOrder.DESCEND;
    if (!asked && !byDefault) {
      return;
    }
    if (request.getSortTarget() == SortTarget.VALUE) {
      found.replaceAll(Head::whole);
    }
    Comparator<Head> order = order(request.getSortTarget());
    Head[] sorted = found.toArray(new Head[0]);
    TieOrder.sort(
        sorted,
        request.getSortOrder() == SortOrder.DESCEND ? Collections.reverseOrder(order) : order);
    Collections.copy(found, Arrays.asList(sorted));
  }

  private static Comparator<Head> order(SortTarget target) {
    return switch (target) {
      case KEY, UNRECOGNIZED -> Comparator.comparing(Head::key, Bounds.ORDER);
      case VERSION -> Comparator.comparingLong(head -> head.metadata().getVersion());
      case CREATE -> Comparator.comparingLong(head -> head.metadata().getCreateRevision());
      case MOD -> Comparator.comparingLong(head -> head.metadata().getModRevision());
      case VALUE -> Comparator.comparing(head -> head.keyValue().getValue(), Bounds.ORDER);
    };
  }
}
