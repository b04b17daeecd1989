// Nozama on Azure: the site and its staging slot, PostgreSQL that only they can reach, and a vault for its password.
//   az deployment group create --resource-group … --template-file deploy/azure/main.bicep
// ARM_IaC.json says the same; a test holds that. How to use it, and what it costs: docs/DEPLOY.md.

@description('Name of the site, and of its address NAME.azurewebsites.net.')
param webAppName string = 'nozama-${uniqueString(resourceGroup().id)}'

@description('Name of the App Service plan.')
param appServicePlanName string = '${webAppName}-plan'

@description('Region of all resources.')
param location string = resourceGroup().location

@description('The image that both slots get, by tag or digest.')
param dockerImage string = 'ghcr.io/nozama/nozama:main'

@description('Size of an instance: Standard or Premium, which have slots and autoscale.')
param appServiceSku string = 'P0v3'

@description('Most instances that autoscale starts.')
@minValue(2)
@maxValue(10)
param instancesMax int = 4

@description('Size of the database server. Standard_B… can not be zone-redundant.')
param databaseSku string = 'Standard_D2ds_v5'

@description('Disk of the database, which grows by itself.')
param databaseStorageGb int = 64

@description('Two instances and a database standby, each in another zone of the region.')
param zoneRedundant bool = false

@description('Who is told of an alert: the id of an action group. Without one it is shown in the portal alone.')
param alertActionGroup string = ''

@description('Never typed in: each deployment makes a new one, for server, vault and site together (docs/decisions/0022).')
@secure()
param databasePassword string = newGuid()

var suffix = uniqueString(resourceGroup().id, webAppName)
var databaseServerName = 'nozama-${suffix}'
var vaultName = 'kv-${suffix}'
var instancesMin = zoneRedundant ? 2 : 1
var databaseTier = startsWith(databaseSku, 'Standard_B') ? 'Burstable' : (startsWith(databaseSku, 'Standard_E') ? 'MemoryOptimized' : 'GeneralPurpose')
var vaultSecretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-875e-0445c86b69e6')
// The same in both slots: a swap exchanges the images and nothing else.
var settings = [
  { name: 'HOST', value: '0.0.0.0' }
  { name: 'PORT', value: '5000' }
  { name: 'WEBSITES_PORT', value: '5000' }
  { name: 'WEBSITES_ENABLE_APP_SERVICE_STORAGE', value: 'false' }
  { name: 'DATABASE_URL', value: 'postgres://nozama@${databaseServerName}.postgres.database.azure.com:5432/shop?sslmode=verify-full' }
  { name: 'TRUST_PROXY', value: 'true' }
  // Above the 240 s of App Service's own balancer.
  { name: 'IDLE_TIMEOUT_MS', value: '250000' }
  { name: 'SHUTDOWN_DELAY_MS', value: '5000' }
  { name: 'SHUTDOWN_TIMEOUT_MS', value: '8000' }
  // Seconds, more than the two above together.
  { name: 'WEBSITES_CONTAINER_STOP_TIME_LIMIT', value: '20' }
  { name: 'WEBSITE_SWAP_WARMUP_PING_PATH', value: '/readyz' }
  { name: 'WEBSITE_SWAP_WARMUP_PING_STATUSES', value: '200' }
]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${webAppName}-identity'
  location: location
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${webAppName}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
    publicNetworkAccessForIngestion: 'Disabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${webAppName}-network'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/22'] }
    // Within the network, not as resources of their own: a second deployment would take those away.
    subnets: [
      {
        name: 'site'
        properties: {
          addressPrefix: '10.20.0.0/26'
          delegations: [{ name: 'site', properties: { serviceName: 'Microsoft.Web/serverFarms' } }]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.20.1.0/28'
          delegations: [{ name: 'database', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.20.2.0/28' }
      }
    ]
  }
}

resource databaseZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: '${databaseServerName}.private.postgres.database.azure.com'
  location: 'global'
  properties: {}
}

resource databaseZoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: databaseZone
  name: 'network'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}

resource vaultZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.vaultcore.azure.net'
  location: 'global'
  properties: {}
}

resource vaultZoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: vaultZone
  name: 'network'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' }
  }
}

resource vaultEndpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${vaultName}-endpoint'
  location: location
  properties: {
    subnet: { id: '${network.id}/subnets/endpoints' }
    privateLinkServiceConnections: [
      { name: 'vault', properties: { privateLinkServiceId: vault.id, groupIds: ['vault'] } }
    ]
  }
}

resource vaultEndpointZone 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: vaultEndpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: 'vault', properties: { privateDnsZoneId: vaultZone.id } }]
  }
}

resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, vaultSecretsUser)
  properties: {
    roleDefinitionId: vaultSecretsUser
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: databaseServerName
  location: location
  sku: { name: databaseSku, tier: databaseTier }
  properties: {
    version: '17'
    administratorLogin: 'nozama'
    administratorLoginPassword: 'Nz-${databasePassword}'
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' }
    storage: { storageSizeGB: databaseStorageGb, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: zoneRedundant ? 'ZoneRedundant' : 'Disabled' }
    network: {
      publicNetworkAccess: 'Disabled'
      delegatedSubnetResourceId: '${network.id}/subnets/database'
      privateDnsZoneArmResourceId: databaseZone.id
    }
  }
  dependsOn: [databaseZoneLink]
}

resource shop 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: database
  name: 'shop'
  properties: { charset: 'UTF8', collation: 'en_US.utf8' }
}

resource passwordSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'database-password'
  properties: { value: 'Nz-${databasePassword}', contentType: 'text/plain' }
  // A vault that names a password which the server has refused would lock the site out.
  dependsOn: [database]
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: appServicePlanName
  location: location
  kind: 'linux'
  sku: { name: appServiceSku, capacity: instancesMin }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: webAppName
  location: location
  kind: 'app,linux,container'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: '${network.id}/subnets/site'
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      linuxFxVersion: 'DOCKER|${dockerImage}'
      alwaysOn: true
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      scmIpSecurityRestrictionsDefaultAction: 'Deny'
      vnetRouteAllEnabled: true
      healthCheckPath: '/readyz'
      appSettings: concat(settings, [
        { name: 'DATABASE_PASSWORD', value: '@Microsoft.KeyVault(SecretUri=${passwordSecret.properties.secretUriWithVersion})' }
      ])
    }
  }
  dependsOn: [mayReadSecrets, vaultEndpointZone, vaultZoneLink, shop]
}

resource staging 'Microsoft.Web/sites/slots@2024-04-01' = {
  parent: site
  name: 'staging'
  location: location
  kind: 'app,linux,container'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: '${network.id}/subnets/site'
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      linuxFxVersion: 'DOCKER|${dockerImage}'
      alwaysOn: true
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      scmIpSecurityRestrictionsDefaultAction: 'Deny'
      vnetRouteAllEnabled: true
      healthCheckPath: '/readyz'
      appSettings: concat(settings, [
        { name: 'DATABASE_PASSWORD', value: '@Microsoft.KeyVault(SecretUri=${passwordSecret.properties.secretUriWithVersion})' }
      ])
    }
  }
}

resource siteFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource siteScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource stagingFtp 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: staging
  name: 'ftp'
  properties: { allow: false }
}

resource stagingScm 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: staging
  name: 'scm'
  properties: { allow: false }
}

resource autoscale 'Microsoft.Insights/autoscalesettings@2022-10-01' = {
  name: '${appServicePlanName}-autoscale'
  location: location
  properties: {
    enabled: true
    targetResourceUri: plan.id
    profiles: [
      {
        name: 'by processor time'
        capacity: { minimum: string(instancesMin), maximum: string(instancesMax), default: string(instancesMin) }
        rules: [
          {
            metricTrigger: {
              metricName: 'CpuPercentage'
              metricResourceUri: plan.id
              timeGrain: 'PT1M'
              statistic: 'Average'
              timeWindow: 'PT5M'
              timeAggregation: 'Average'
              operator: 'GreaterThan'
              threshold: 70
            }
            scaleAction: { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' }
          }
          {
            metricTrigger: {
              metricName: 'CpuPercentage'
              metricResourceUri: plan.id
              timeGrain: 'PT1M'
              statistic: 'Average'
              timeWindow: 'PT10M'
              timeAggregation: 'Average'
              operator: 'LessThan'
              threshold: 30
            }
            scaleAction: { direction: 'Decrease', type: 'ChangeCount', value: '1', cooldown: 'PT10M' }
          }
        ]
      }
    ]
  }
}

// What shoppers get. Alerts of the service's own metrics (deploy/prometheus) need a Prometheus that reads them.
resource serverErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${webAppName}-server-errors'
  location: 'global'
  properties: {
    description: 'More than 10 answers of five minutes were 5xx: docs/RUNBOOK.md, NozamaServerErrors.'
    severity: 1
    enabled: true
    scopes: [site.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'errors'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 10
        }
      ]
    }
    actions: empty(alertActionGroup) ? [] : [{ actionGroupId: alertActionGroup }]
  }
}

resource notReady 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${webAppName}-not-ready'
  location: 'global'
  properties: {
    description: 'Instances were not ready for more than a quarter of five minutes: docs/RUNBOOK.md, NozamaNotReady.'
    severity: 1
    enabled: true
    scopes: [site.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'health'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'HealthCheckStatus'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 75
        }
      ]
    }
    actions: empty(alertActionGroup) ? [] : [{ actionGroupId: alertActionGroup }]
  }
}

// The requests' log is left out: it holds shoppers' addresses.
resource siteLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'logs'
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'AppServiceConsoleLogs', enabled: true }, { category: 'AppServicePlatformLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource stagingLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: staging
  name: 'logs'
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'AppServiceConsoleLogs', enabled: true }, { category: 'AppServicePlatformLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource databaseLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: database
  name: 'logs'
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'PostgreSQLLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource vaultLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'logs'
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'AuditEvent', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output webAppUrl string = 'https://${site.properties.defaultHostName}'
