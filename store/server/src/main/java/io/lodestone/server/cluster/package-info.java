/**
 * Who belongs to the cluster. {@link io.lodestone.server.cluster.Membership} keeps the members and
 * etcd's rules for changing them; {@link io.lodestone.server.cluster.ClusterService} is the
 * service.
 */
package io.lodestone.server.cluster;
