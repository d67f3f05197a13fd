/** States of an instance of RDS in which it takes connections (RDS guide, "Viewing DB instance status"). */
export const servingStates: readonly string[] = [
  ...['available', 'backing-up', 'modifying', 'storage-optimization', 'storage-config-upgrade'],
  ...['configuring-enhanced-monitoring', 'configuring-iam-database-auth', 'configuring-log-exports', 'maintenance'],
]
